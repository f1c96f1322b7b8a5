import Foundation
import TestSupport
import Testing

@testable import Core

@Suite struct QRCodeTests {
    private static let address = "https://photos.example.org/s/Yz3fJq0bR8mT5vKc1xWn7dLu"

    private static func text(_ count: Int) -> String {
        String((0..<count).map { "abcdefghijklmnopqrstuvwxyz/:?=".map { $0 }[$0 * 7 % 30] })
    }

    @Test(arguments: [
        (QRCorrection.low, 2953), (.medium, 2331), (.quartile, 1663), (.high, 1273),
    ])
    func `a text has as many bytes as the standard's table says, and no more`(correction: QRCorrection, most: Int) throws {
        #expect(try QRCode(Self.text(most), correction: correction).version == 40)
        #expect(throws: QRCode.TooLong()) { try QRCode(Self.text(most + 1), correction: correction) }
    }

    @Test(arguments: [("", 1), (text(14), 1), (text(15), 2), (address, 4)])
    func `the smallest version is taken that holds the text`(text: String, version: Int) throws {
        let code = try QRCode(text)
        #expect(code.version == version && code.size == 17 + 4 * version)
    }

    @Test func `of the masks that is taken whose symbol is read best`() throws {
        let (bytes, version) = (Array(Self.address.utf8), QRVersion(number: 4, correction: .medium))
        let penalties = QRMask.all.map { mask in
            var grid = QRGrid(version)
            grid.draw(QRCodewords.all(bytes, version))
            grid.apply(mask)
            grid.drawFormat(mask.format(.medium))
            return grid.penalty
        }
        #expect(Set(penalties).count > 1)
        #expect(penalties[try QRCode(Self.address).mask] == penalties.min())
    }

    /// ISO/IEC 18004:2015 section 7.5.2 and annex I: the symbol of "01234567" has these codewords.
    @Test func `error correction is the standard's example`() {
        let data: [UInt8] = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11]
        let expected: [UInt8] = [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]
        #expect(ReedSolomon(count: 10).codewords(for: data) == expected)
    }

    /// Annexes C and D: mask 5 at level M is 101 0000 0010 0101 before it is masked; version 7 is 00 0111 1100 1001 0100.
    @Test func `format and version information are the standard's examples`() {
        #expect(QRMask(number: 5).format(.medium) == 0b100_0000_1100_1110)
        #expect(BCH.extended(7, by: 12, 0x1F25) == 0b00_0111_1100_1001_0100)
    }

    // MARK: Beside other programs

    @Test(.enabled(if: Tool.program("qrencode") != nil))
    func `every version at every level is, module by module, what another encoder makes`() async throws {
        let versions = QRVersion.all.flatMap { number in
            QRCorrection.allCases.map { QRVersion(number: number, correction: $0) }
        }
        let script = versions.map { version in
            "qrencode -8 -t ASCII -m 0 -v \(version.number) -l \(version.correction.rawValue) '\(Self.text(version.capacity))'"
        }
        let drawn = try await Tool("sh").output([], input: script.joined(separator: "\n")).split(separator: "\n")
        var rows = drawn.map { line in Array(line).enumerated().filter { $0.offset.isMultiple(of: 2) }.map { $0.element == "#" } }[...]
        for version in versions {
            let other = Array(rows.prefix(version.size))
            rows = rows.dropFirst(version.size)
            try #require(other.count == version.size && other.allSatisfy { $0.count == version.size })
            // Programs may weigh masks differently; which one it took stands in its symbol.
            let bits = [2, 3, 4].reduce(0) { $0 << 1 | (other[8][$1] ? 1 : 0) }
            let mine = QRCode(Array(Self.text(version.capacity).utf8), version, mask: QRMask(number: bits ^ 0b101))
            let grid = (0..<version.size).map { y in (0..<version.size).map { mine[$0, y] } }
            #expect(grid == other, "version \(version.number), level \(version.correction.rawValue)")
        }
        #expect(rows.isEmpty)
    }

    @Test(
        .enabled(if: Tool.program("zbarimg") != nil),
        arguments: [(address, QRCorrection.medium, 8), (address, .high, 3), ("Grüße, 世界! 📷", .quartile, 4), ("x", .low, 2)])
    func `a reader finds the text in the PNG file`(text: String, correction: QRCorrection, scale: Int) async throws {
        let folder = try TemporaryFolder("qr")
        let png = try QRCode(text, correction: correction).png(scale: scale)
        try Data(png).write(to: URL(fileURLWithPath: folder.file("code.png")))
        let found = try await Tool("zbarimg").output(["--quiet", "--raw", folder.file("code.png")])
        #expect(found == text + "\n")
        #expect(png.count < 8192)
    }

    @Test(.enabled(if: Tool.program("zbarimg") != nil && Tool.program("vipsthumbnail") != nil))
    func `a reader finds the text in the SVG file, drawn by another program`() async throws {
        let folder = try TemporaryFolder("qr")
        try Data(try QRCode(Self.address).svg().utf8).write(to: URL(fileURLWithPath: folder.file("code.svg")))
        _ = try await Tool("vipsthumbnail").output([folder.file("code.svg"), "--size", "400x400", "-o", folder.file("code.png")])
        #expect(try await Tool("zbarimg").output(["--quiet", "--raw", folder.file("code.png")]) == Self.address + "\n")
    }

    @Test func `a PNG file keeps within bounds whatever size is asked for`() throws {
        let code = try QRCode("x")
        #expect(code.png(scale: 0) == code.png(scale: 1) && code.png(scale: .max) == code.png(scale: 32))
        // The width in pixels: 29 modules with the quiet zone.
        #expect(code.png(scale: 2)[16..<20] == [0, 0, 0, 58])
    }

    @Test(.enabled(if: Tool.program("python3") != nil))
    func `runs of any length deflate to what zlib reads`() async throws {
        let data = (1...600).flatMap { [UInt8](repeating: UInt8($0 % 251), count: $0) }
        let folder = try TemporaryFolder("deflate")
        try Data(RunDeflater.deflated(data)).write(to: URL(fileURLWithPath: folder.file("in")))
        let script = "import zlib,hashlib;print(zlib.decompress(open('\(folder.file("in"))','rb').read(),-15)==b''.join(bytes([n%251])*n for n in range(1,601)))"
        #expect(try await Tool("python3").output(["-c", script]) == "True\n")
    }
}
