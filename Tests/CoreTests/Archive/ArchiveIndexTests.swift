import Testing

@testable import Core

@Suite("Reading archives")
struct ArchiveIndexTests {
    private static let content = Array("some content".utf8)

    /// The bytes of an archive whose files all hold the same.
    private static func archive(_ names: [String]) -> [UInt8] {
        var builder = ArchiveBuilder()
        for name in names {
            builder.add(path: name, size: Int64(content.count), crc32: 7, modifiedAt: Timestamp(milliseconds: 1_800_000_000_000))
        }
        return builder.layout.pieces(in: 0..<builder.layout.length).flatMap { piece in
            switch piece {
            case .added(let bytes): bytes
            case .file(_, let range): Array(content[Int(range.lowerBound)..<Int(range.upperBound)])
            }
        }
    }

    private static func read(_ bytes: [UInt8]) throws -> ArchiveIndex {
        let tail = Array(bytes.suffix(ArchiveDirectoryPlace.tailLength))
        let place = try ArchiveDirectoryPlace(tail: tail, of: Int64(bytes.count))
        return try ArchiveIndex(directory: Array(bytes[Int(place.start)..<Int(place.start + place.length)]), at: place)
    }

    /// Where the first directory header of a small archive begins.
    private static func directory(_ bytes: [UInt8]) -> Int {
        bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 0x01, 0x02]) } ?? 0
    }

    @Test("what is written is read, to the place of each file's bytes")
    func roundTrip() throws {
        let names = ["session.json", "originals/IMG_0412.JPG", "originals/größer.jpg"]
        let bytes = Self.archive(names)
        let index = try Self.read(bytes)
        #expect(index.entries.map(\.name) == names)
        for entry in index.entries {
            #expect(entry.size == Int64(Self.content.count) && entry.crc32 == 7 && !entry.isDeflated)
            let header = Array(bytes[Int(entry.start)..<Int(entry.start) + ArchiveIndex.headerLength])
            let start = Int(try ArchiveIndex.contentStart(of: entry, header: header))
            #expect(Array(bytes[start..<start + Self.content.count]) == Self.content)
        }
    }

    @Test("files beyond 4 GiB are read")
    func large() throws {
        var builder = ArchiveBuilder()
        for name in ["a", "b"] {
            builder.add(path: name, size: 5 << 30, crc32: 1, modifiedAt: Timestamp(milliseconds: 1_800_000_000_000))
        }
        let layout = builder.layout
        let tail = layout.pieces(in: layout.directoryStart..<layout.length).flatMap { piece in
            if case .added(let bytes) = piece { bytes } else { [UInt8]() }
        }
        let place = try ArchiveDirectoryPlace(tail: tail, of: layout.length)
        let index = try ArchiveIndex(directory: Array(tail.prefix(Int(place.length))), at: place)
        #expect(index.entries.map(\.size) == [5 << 30, 5 << 30])
        #expect((index.entries.last?.start ?? 0) > 5 << 30)
    }

    @Test(
        "names that lead elsewhere are refused",
        arguments: [
            ["../evil"], ["/etc/passwd"], ["a/../../b"], ["a//b"], ["./a"], ["a\\..\\b"], ["C:evil"], ["a\u{0}b"], ["a\nb"], [""],
            ["same", "same"], ["Same", "sAME"],
        ])
    func names(names: [String]) {
        #expect(throws: ArchiveIndex.Fault.self) { try Self.read(Self.archive(names)) }
    }

    @Test("folders are left out")
    func folders() throws {
        var bytes = Self.archive(["folder/"])
        let header = Self.directory(bytes)
        for index in 20..<28 { bytes[header + index] = 0 }
        #expect(try Self.read(bytes).entries.isEmpty)
    }

    @Test(
        "headers that cannot be are refused",
        arguments: [
            // Encrypted, another method, another disk, a link, longer than it is, longer than it can be, beyond the archive.
            [8: 1], [10: 12], [34: 1], [41: 0xA1], [24: 99], [10: 8, 27: 0x7F], [45: 0x7F],
        ] as [[Int: UInt8]])
    func headers(changes: [Int: UInt8]) {
        var bytes = Self.archive(["a", "b"])
        let header = Self.directory(bytes)
        for (index, byte) in changes { bytes[header + index] = byte }
        #expect(throws: ArchiveIndex.Fault.self) { try Self.read(bytes) }
    }

    @Test("files that share bytes are refused: little would unpack to very much")
    func overlapping() {
        var bytes = Self.archive(["a", "b"])
        let second = bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, 0x01, 0x02]) } ?? 0
        for index in 42..<46 { bytes[second + index] = 0 }
        #expect(throws: ArchiveIndex.Fault.self) { try Self.read(bytes) }
    }

    @Test("what is no archive, or only a part of one, is refused")
    func parts() {
        let bytes = Self.archive(["a", "b"])
        for part in [[], Array("PK".utf8), Array(bytes.dropLast()), Array(bytes.dropFirst(40)), Array(bytes.suffix(22))] {
            #expect(throws: ArchiveIndex.Fault.self) { try Self.read(part) }
        }
    }

    @Test("whatever is changed in an archive, it is read or refused")
    func changed() {
        let bytes = Self.archive(["session.json", "originals/a.jpg"])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = [0, 1, 0x7F, 0xFF].randomElement(using: &generator) ?? 0
            }
            do { _ = try Self.read(changed) } catch { #expect(error is ArchiveIndex.Fault) }
        }
    }
}
