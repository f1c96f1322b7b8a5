import Testing

@testable import Tether

@Suite("Whether a file is whole")
struct WholenessTests {
    private static func look(_ bytes: [UInt8]) throws -> Wholeness {
        try Wholeness(size: Int64(bytes.count)) { offset, count in
            let start = max(0, min(Int(offset), bytes.count))
            return Array(bytes[start..<min(bytes.count, start + max(0, count))])
        }
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    private static func big(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
    private static func little(_ number: Int) -> [UInt8] { big(number).reversed() }

    /// With a thumbnail that has an end of its own, and something behind the picture.
    private static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE1, 0, 8, 0xFF, 0xD8, 1, 2, 0xFF, 0xD9, 0xFF, 0xDA, 0, 3, 1, 10, 20, 0xFF, 0, 30, 0xFF, 0xD9]
    private static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] + big(2) + text("IDAT") + [1, 2] + big(0) + big(0) + text("IEND") + big(7)
    private static let film = big(16) + text("ftypisom") + big(0) + big(12) + text("mdat") + big(1) + big(8) + text("moov")
    private static let webp = text("RIFF") + little(8) + text("WEBPVP8 ")
    private static let tiff: [UInt8] =
        [0x49, 0x49, 0x2A, 0] + little(8) + [2, 0] + [0x11, 1, 4, 0] + little(1) + little(38)
        + [0x17, 1, 4, 0] + little(1) + little(4) + little(0) + [1, 2, 3, 4]

    @Test("whole ones are whole", arguments: [
        jpeg, jpeg + text("a short film behind it"), png, film, webp, tiff, text("anything else"), [], [0xFF],
    ])
    func whole(bytes: [UInt8]) throws { #expect(try Self.look(bytes) == .whole) }

    @Test("of each format every cut is seen", arguments: [(jpeg, 3), (png, 8), (film, 8), (webp, 8), (tiff, 8)])
    func cut(bytes: [UInt8], from start: Int) throws {
        for count in start..<bytes.count {
            #expect(try Self.look(Array(bytes[..<count])) != .whole, "cut after \(count)")
        }
    }

    @Test("a film without its index is not whole, one whose box reaches to the end is")
    func boxes() throws {
        let start = Self.big(16) + Self.text("ftypisom") + Self.big(0)
        #expect(try Self.look(start + Self.big(12) + Self.text("mdat") + Self.big(1)) == .cut)
        let open = Self.big(8) + Self.text("moov") + Self.big(0) + Self.text("mdat") + [1, 2, 3]
        #expect(try Self.look(open) == .whole)
        let huge = Self.big(8) + Self.text("moov") + Self.big(1) + Self.text("mdat") + [UInt8](repeating: 0xFF, count: 8)
        #expect(try Self.look(huge) == .cut)
    }

    @Test("a header with much room in it is read by blocks, and ends where it ends", arguments: [0, 1, 16_383, 16_384, 1_000_000])
    func fill(count: Int) throws {
        let fill = [UInt8](repeating: 0xFF, count: count)
        let bytes = [0xFF, 0xD8] + fill + [0xFF, 0xE1, 0, 4, 1, 2] + fill + [0xFF, 0xDA, 0, 3, 1, 10, 0xFF, 0xD9]
        var reads = 0
        let read: Wholeness.Reader = { offset, count in
            reads += 1
            return Array(bytes[min(Int(offset), bytes.count)..<min(bytes.count, Int(offset) + count)])
        }
        #expect(try Wholeness(size: Int64(bytes.count), read: read) == .whole)
        #expect(reads < 20 + bytes.count / 8192)
        #expect(try Self.look(bytes.dropLast()) == .cut)
        #expect(try Self.look(Array(bytes[..<(count + 2)])) != .whole || count < 1)
    }

    @Test("directories in a circle, and absurd numbers, end the search")
    func hostile() throws {
        let circle: [UInt8] = [0x49, 0x49, 0x2A, 0] + Self.little(8) + [0, 0] + Self.little(8)
        #expect(try Self.look(circle) == .whole)
        let absurd: [UInt8] =
            [0x49, 0x49, 0x2A, 0] + Self.little(8) + [1, 0] + [0x11, 1, 4, 0] + Self.little(-1) + Self.little(-1) + Self.little(0)
        _ = try Self.look(absurd)
        #expect(try Self.look([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0]) == .cut)
    }
}
