import Core
import Foundation
import TestSupport

/// Files and the archive they are in.
struct TestArchive {
    struct File {
        var name: String
        var bytes: [UInt8]
        var modifiedAt = TestArchive.time

        var crc32: UInt32 { PlacedFiles.checksum(bytes) }
    }

    static let time = Timestamp("2026-11-21T09:30:08Z")!

    var files: [File]
    var layout: ArchiveLayout

    init(files: [File], layout: ArchiveLayout) { (self.files, self.layout) = (files, layout) }

    init(_ files: [File]) {
        var builder = ArchiveBuilder()
        for file in files { builder.add(file.name, size: Int64(file.bytes.count), crc32: file.crc32, modifiedAt: file.modifiedAt) }
        self.init(files: files, layout: builder.layout)
    }

    static func random(_ random: inout SeededGenerator) -> TestArchive {
        let files = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            let length = Bool.random(using: &random) ? Int.random(in: 0...4, using: &random) : Int.random(in: 5...3000, using: &random)
            let name = ["IMG_1.JPG", "été.jpg", "写真.heic", "x"].randomElement(using: &random)!
            return File(name: name, bytes: (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        return TestArchive(files)
    }

    func bytes(in range: Range<Int64>) -> [UInt8] {
        layout.pieces(in: range).reduce(into: []) { bytes, piece in
            switch piece {
            case .added(let part): bytes += part
            case .file(let index, let part): bytes += files[index].bytes[Int(part.lowerBound)..<Int(part.upperBound)]
            }
        }
    }

    /// Writes an archive whose files are all zeros and take no room on the disk.
    static func writeSparse(_ layout: ArchiveLayout, to path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var offset: UInt64 = 0
        for piece in layout.pieces(in: 0..<layout.length) {
            switch piece {
            case .added(let bytes):
                try file.seek(toOffset: offset)
                try file.write(contentsOf: Data(bytes))
                offset += UInt64(bytes.count)
            case .file(_, let part): offset += UInt64(part.count)
            }
        }
        try file.close()
    }
}
