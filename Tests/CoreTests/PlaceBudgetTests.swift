import Core
import Testing

/// Small files whose entries all refer to the same bytes, or to bytes that overlap.
private enum Crowded {
    typealias Files = PlacedFiles

    /// A TIFF file of one directory with packets that lie in a block of zeros behind it.
    /// - Parameter step: bytes by which each packet begins later than the one before.
    static func tiff(packets: Int, length: Int, step: Int) -> [UInt8] {
        let start = 8 + 2 + 12 * packets + 4
        let entries = (0..<packets).flatMap { index in
            Files.big(0x02BC, 2) + Files.big(1, 2) + Files.big(length - step * packets, 4) + Files.big(start + step * index, 4)
        }
        let head: [[UInt8]] = [[0x4D, 0x4D, 0, 42], Files.big(8, 4), Files.big(packets, 2), entries, Files.big(0, 4)]
        return head.flatMap { $0 } + [UInt8](repeating: 0, count: length)
    }

    /// A HEIF file of items that all lie in the same extent.
    static func heif(items: Int, length: Int) -> [UInt8] {
        let entries = (1...items).flatMap { number in
            Files.box("infe", [[2, 0, 0, 0], Files.big(number, 2), [0, 0], Array("mime".utf8), [0]].flatMap { $0 })
        }
        let names = Files.box("iinf", [0, 0, 0, 0] + Files.big(items, 2) + entries)
        let rows = (1...items).flatMap { number in
            [Files.big(number, 2), [0, 0], Files.big(1, 2), Files.big(40, 4), Files.big(length, 4)].flatMap { $0 }
        }
        let places = Files.box("iloc", [0, 0, 0, 0, 0x44, 0] + Files.big(items, 2) + rows)
        let data = Files.box("mdat", [UInt8](repeating: 0, count: length + 40))
        return Files.box("ftyp", Array("heic".utf8) + [0, 0, 0, 0]) + data + Files.box("meta", [0, 0, 0, 0] + names + places)
    }

    /// Previews within previews.
    static func nested(_ depth: Int) -> [UInt8] {
        let own = depth == 0 ? PlacedFiles.exif() : tiffWithPreview(nested(depth - 1))
        return Files.jpeg(Files.app1(own))
    }

    private static func tiffWithPreview(_ preview: [UInt8]) -> [UInt8] {
        func entry(_ tag: Int, _ value: Int) -> [UInt8] { Files.big(tag, 2) + Files.big(4, 2) + Files.big(1, 4) + Files.big(value, 4) }
        let head: [[UInt8]] = [[0x4D, 0x4D, 0, 42], Files.big(8, 4), Files.big(2, 2), entry(0x0201, 38), entry(0x0202, preview.count), Files.big(0, 4)]
        return head.flatMap { $0 } + preview
    }
}

@Suite("What a search for places may cost") struct PlaceBudgetTests {
    private struct TooMuch: Error {}

    /// - Returns: the outcome, and how many bytes were read for it.
    private func look(_ file: [UInt8], isLate: @escaping () -> Bool = { false }) throws -> (PlaceRemoval.Outcome, Int) {
        var total = 0
        let outcome = try PlaceRemoval.outcome(size: UInt64(file.count), isLate: isLate) { offset, count in
            total += count
            if total > 4 * file.count + 64 << 20 { throw TooMuch() }
            return Array(file[min(file.count, Int(offset))..<min(file.count, Int(offset) + count)])
        }
        return (outcome, total)
    }

    @Test("the same bytes are looked through once, however many refer to them", arguments: [
        Crowded.tiff(packets: 5000, length: 300_000, step: 0), Crowded.heif(items: 5000, length: 300_000),
    ])
    func once(file: [UInt8]) throws {
        let (outcome, read) = try look(file)
        #expect(outcome != .impossible && read < 4 * file.count)
    }

    @Test("bytes that overlap are looked through until it is enough")
    func overlapping() throws {
        let (outcome, _) = try look(Crowded.tiff(packets: 2000, length: 1_000_000, step: 1))
        #expect(outcome == .impossible)
    }

    @Test("nothing is told when time is up, at once or later", arguments: [0, 3])
    func late(looks: Int) throws {
        var count = 0
        let (outcome, _) = try look(PlacedFiles.jpeg(trailer: PlacedFiles.jpeg() + [UInt8](repeating: 0, count: 5_000_000))) {
            count += 1
            return count > looks
        }
        #expect(outcome == .impossible && count == looks + 1)
    }

    @Test("previews within previews lose their place, and the innermost all they have", arguments: [1, 3, 4, 5, 60])
    func nested(depth: Int) throws {
        let changed = try #require(try PlacedFiles.without(Crowded.nested(depth)))
        let text = String(decoding: changed, as: UTF8.self)
        #expect(!text.contains("48,8.2466N") && text.contains("Canon") == (depth <= 4))
    }
}
