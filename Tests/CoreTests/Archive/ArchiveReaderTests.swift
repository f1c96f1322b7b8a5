import Core
import Foundation
import TestSupport
import Testing

@Suite("Archives as others read them")
struct ArchiveReaderTests {
    static let hasUnzip = Tool.program("unzip") != nil
    static let hasPython = Tool.program("python3") != nil

    private static let files = [
        TestArchive.File(name: "IMG_1.JPG", bytes: Array("first".utf8)),
        TestArchive.File(name: "img_1.jpg", bytes: Array("second".utf8), modifiedAt: Timestamp("2020-02-29T23:59:58Z")!),
        TestArchive.File(name: "été 写真.jpg", bytes: [UInt8](repeating: 7, count: 100_000)),
        TestArchive.File(name: "../empty", bytes: []),
    ]

    @Test("unzip finds nothing wrong, and unpacks names, contents and times", .enabled(if: hasUnzip))
    func unzip() async throws {
        let folder = try TemporaryFolder("archive")
        let archive = TestArchive(Self.files)
        try Data(archive.bytes(in: 0..<archive.layout.length)).write(to: URL(fileURLWithPath: folder.file("a.zip")))
        let tested = try await Tool("unzip").run(["-t", folder.file("a.zip")])
        #expect(tested.status == 0 && tested.out.contains("No errors"), "\(tested.out) \(tested.err)")
        _ = try await Tool("env").output(["LC_ALL=C.UTF-8", "unzip", "-q", folder.file("a.zip"), "-d", folder.file("out")])
        let names = ["IMG_1.JPG", "img_1 (2).jpg", "été 写真.jpg", "empty"]
        for (name, file) in zip(names, Self.files) {
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("out/\(name)"))) == Data(file.bytes))
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("out/\(name)"))
            #expect(attributes[.modificationDate] as? Date == file.modifiedAt.date)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o644)
        }
    }

    @Test("Python reads the same", .enabled(if: hasPython))
    func python() async throws {
        let folder = try TemporaryFolder("archive")
        let archive = TestArchive(Self.files)
        try Data(archive.bytes(in: 0..<archive.layout.length)).write(to: URL(fileURLWithPath: folder.file("a.zip")))
        let script = """
            import sys, zipfile, json
            z = zipfile.ZipFile(sys.argv[1])
            assert z.testzip() is None
            print(json.dumps([[i.filename, i.file_size, i.date_time, i.compress_type] for i in z.infolist()]))
            """
        let found = try await Tool("python3").json(["-c", script, folder.file("a.zip")])
        #expect(
            found == [
                ["IMG_1.JPG", 5, [2026, 11, 21, 9, 30, 8], 0], ["img_1 (2).jpg", 6, [2020, 2, 29, 23, 59, 58], 0],
                ["été 写真.jpg", 100_000, [2026, 11, 21, 9, 30, 8], 0], ["empty", 0, [2026, 11, 21, 9, 30, 8], 0],
            ])
    }

    /// Sparse files: nothing of the gigabytes is written, and only small ones are read.
    @Test("Python finds files of any size, and behind any, by Zip64", .enabled(if: hasPython))
    func zip64() async throws {
        let folder = try TemporaryFolder("archive")
        var builder = ArchiveBuilder()
        let zeros = PlacedFiles.checksum([0, 0, 0])
        // One more than fills 32 bits: of a file of exactly that size, unzip 6.0 confuses the next one.
        let limit: Int64 = 0x1_0000_0000
        for (name, size) in [("near", 3), ("large", limit), ("far", 3), ("larger", limit + 7), ("last", 3)] as [(String, Int64)] {
            builder.add(name, size: size, crc32: zeros, modifiedAt: TestArchive.time)
        }
        let layout = builder.layout
        try TestArchive.writeSparse(layout, to: folder.file("a.zip"))
        let script = """
            import sys, zipfile, json
            z = zipfile.ZipFile(sys.argv[1])
            assert all(z.read(n) == bytes(3) for n in ("near", "far", "last"))
            with z.open("larger") as f: assert f.read(10) == bytes(10)
            print(json.dumps([[i.filename, i.file_size] for i in z.infolist()]))
            """
        let found = try await Tool("python3").json(["-c", script, folder.file("a.zip")])
        #expect(found == [["near", 3], ["large", .integer(limit)], ["far", 3], ["larger", .integer(limit + 7)], ["last", 3]])
        guard Self.hasUnzip else { return }
        let tested = try await Tool("unzip").run(["-t", folder.file("a.zip"), "near", "far", "last"])
        #expect(tested.status == 0, "\(tested.out) \(tested.err)")
    }

    @Test("Python finds more files than 16 bits can count, and as many as they can", .enabled(if: hasPython), arguments: [65_534, 65_535])
    func counts(_ count: Int) async throws {
        let folder = try TemporaryFolder("archive")
        var builder = ArchiveBuilder()
        let zero = PlacedFiles.checksum([0])
        for index in 0..<count { builder.add("\(index)", size: 1, crc32: zero, modifiedAt: TestArchive.time) }
        try TestArchive.writeSparse(builder.layout, to: folder.file("a.zip"))
        let script = """
            import sys, zipfile
            z = zipfile.ZipFile(sys.argv[1])
            names = z.namelist()
            assert names[-1] == str(len(names) - 1) and z.read(names[-1]) == bytes(1)
            print(len(names))
            """
        #expect(try await Tool("python3").output(["-c", script, folder.file("a.zip")]) == "\(count)\n")
    }
}
