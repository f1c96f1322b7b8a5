import Core
import Foundation
import Ingest
import Sessions

/// Where a session is written down: `session.json`, `photos.jsonl` with a line for each photo, and `originals`. Its calls block.
struct ExportFolder: Sendable {
    let path: String

    static let (session, photos, originals, watermark) = ("session.json", "photos.jsonl", "originals", "watermark.png")

    /// Makes it where it is missing.
    init(_ path: String) throws {
        self.path = path
        let files = FileManager.default
        try files.createDirectory(atPath: "\(path)/\(Self.originals)", withIntermediateDirectories: true)
        // A folder that holds something else is left alone.
        let names = try files.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") && !$0.hasSuffix(".part") }
        guard Set(names).isSubset(of: [Self.session, Self.photos, Self.originals, Self.watermark]) else {
            throw TransferFault("\(path) holds something else than the export of a session.")
        }
    }

    /// A file of the export, as it was found or has been written.
    struct Written: Sendable, Equatable {
        /// Within the folder.
        var path: String
        var size: Int64
        var crc32: UInt32
    }

    /// The file if it is there already, in whole.
    /// - Parameter sha256: lower-case hex of what it must hold.
    func present(_ name: String, size: Int64, sha256: String) throws -> Written? {
        guard let file = try? PlainFile("\(path)/\(name)"), file.size == size else { return nil }
        var digest = ContentDigest()
        try file.read(0..<size) { digest.update($0) }
        return digest.sha256 == sha256 ? Written(path: name, size: size, crc32: digest.crc32) : nil
    }

    /// Copies a file and compares the copy.
    /// - Returns: `nil` when it does not hold what it should.
    func copy(_ source: String, as name: String, size: Int64, sha256: String) throws -> Written? {
        let (from, to) = (try PlainFile(source), try NewFile("\(path)/\(name)"))
        guard from.size == size else { return nil }
        try from.read(0..<size) { try to.append($0) }
        guard to.digest.sha256 == sha256 else { return nil }
        return Written(path: name, size: size, crc32: try to.keep().crc32)
    }

    /// Writes a short file.
    func write(_ data: Data, as name: String) throws -> Written {
        Written(path: name, size: Int64(data.count), crc32: try NewFile.write(data, to: "\(path)/\(name)").crc32)
    }
}
