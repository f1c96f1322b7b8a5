import TestSupport
import Testing

@testable import Core

@Suite("The layout of archives")
struct ArchiveLayoutTests {
    @Test("any range of the whole is that slice of the whole", arguments: 0..<40)
    func slices(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let archive = TestArchive.random(&random)
        let whole = archive.bytes(in: 0..<archive.layout.length)
        #expect(whole.count == Int(archive.layout.length))
        for _ in 0..<60 {
            let start = Int64.random(in: 0...archive.layout.length, using: &random)
            let end = Int64.random(in: start...archive.layout.length, using: &random)
            #expect(archive.bytes(in: start..<end) == Array(whole[Int(start)..<Int(end)]), "\(start)..<\(end)")
        }
        let bounds = whole.indices.filter { _ in Int.random(in: 0..<8, using: &random) == 0 }
        for start in bounds { #expect(archive.bytes(in: Int64(start)..<Int64(start + 1)) == [whole[start]]) }
    }

    @Test("an archive of the first files begins as the whole does", arguments: 0..<10)
    func prefixes(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let archive = TestArchive.random(&random)
        let whole = archive.bytes(in: 0..<archive.layout.length)
        for count in 0...archive.files.count {
            var builder = ArchiveBuilder()
            for file in archive.files.prefix(count) {
                builder.add(file.name, size: Int64(file.bytes.count), crc32: file.crc32, modifiedAt: file.modifiedAt)
            }
            let (part, cut) = (TestArchive(files: archive.files, layout: builder.layout), archive.layout.prefix(count))
            let bytes = part.bytes(in: 0..<part.layout.length)
            #expect(bytes == TestArchive(files: archive.files, layout: cut).bytes(in: 0..<cut.length))
            let shared = Int(cut.directoryStart)
            #expect(bytes.prefix(shared) == whole.prefix(shared))
        }
    }

    @Test("an archive without files is 22 bytes")
    func empty() {
        let layout = ArchiveBuilder().layout
        #expect(layout.length == 22)
        #expect(layout.pieces(in: 0..<22).map { $0 } == [.added([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))])
        #expect(layout.pieces(in: 30..<40).map { $0 }.isEmpty)
    }

    @Test("times are those of APPNOTE 4.4.6, two seconds apart, and exact beside them")
    func times() {
        var builder = ArchiveBuilder()
        builder.add("a", size: 0, crc32: 0, modifiedAt: Timestamp("2026-11-21T09:30:07.900Z")!)
        builder.add("b", size: 0, crc32: 0, modifiedAt: Timestamp("1970-01-01T00:00:00Z")!)
        let pieces = builder.layout.pieces(in: 0..<builder.layout.length).map { $0 }
        guard case .added(let first) = pieces[0], case .added(let second) = pieces[1] else {
            Issue.record("no headers")
            return
        }
        let (time, date): (UInt16, UInt16) = (9 << 11 | 30 << 5 | 3, 46 << 9 | 11 << 5 | 21)
        var expected: [UInt8] = []
        expected.append(little: time)
        expected.append(little: date)
        #expect(Array(first[10..<14]) == expected)
        var exact: [UInt8] = [0x55, 0x54, 5, 0, 1]
        exact.append(little: 1_795_253_407 as UInt32)
        #expect(Array(first[31...]) == exact)
        #expect(Array(second[10..<14]) == [0, 0, 0x21, 0])
    }

    @Test(
        "Zip64 begins where 32 bits end",
        arguments: [
            (0xFFFF_FFFE as Int64, false), (0xFFFF_FFFF, true), (0x1_0000_0000, true),
        ])
    func sizes(_ size: Int64, _ isZip64: Bool) {
        var builder = ArchiveBuilder()
        builder.add("film.mp4", size: size, crc32: 0, modifiedAt: TestArchive.time)
        let layout = builder.layout
        let header = layout.pieces(in: 0..<100).map { $0 }[0]
        guard case .added(let bytes) = header else {
            Issue.record("no header")
            return
        }
        #expect(bytes[4] == (isZip64 ? 45 : 10))
        #expect(bytes.count == (isZip64 ? 67 : 47))
        #expect(layout.pieces(in: 0..<layout.length).map { $0 }[1] == .file(0, 0..<size))
    }

    @Test("a position in the last of thousands of files is found without walking through the others")
    func search() {
        var builder = ArchiveBuilder()
        for index in 0..<20_000 { builder.add("\(index)", size: 50_000_000, crc32: 0, modifiedAt: TestArchive.time) }
        let layout = builder.layout
        var pieces = layout.pieces(in: layout.length - 3_000_000..<layout.length).makeIterator()
        let elapsed = ContinuousClock().measure {
            for _ in 0..<1000 {
                pieces = layout.pieces(in: 999_000_000_000..<layout.length).makeIterator()
                _ = pieces.next()
            }
        }
        _ = pieces.next()
        guard case .file(let index, let part) = pieces.next() ?? .added([]) else {
            Issue.record("no file")
            return
        }
        #expect(index > 19_000 && part.count <= 50_000_000)
        #expect(elapsed < .seconds(2))
    }
}
