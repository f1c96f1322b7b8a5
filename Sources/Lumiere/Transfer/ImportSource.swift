import Core
import Glibc
import Ingest

/// The files of a session that is taken over, by their paths within a folder or an archive. Its calls block.
protocol ImportSource: Sendable {
    /// Bytes; `nil` when there is no such file.
    func size(of path: String) -> Int64?

    /// Calls the body with all bytes of a file, piece by piece.
    /// - Throws: `TransferFault` when they cannot be had; what the body throws.
    func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
}

extension ImportSource {
    /// Copies a file to a new one.
    /// - Parameter limit: bytes; a longer one is refused before it is read.
    func extract(_ path: String, to target: String, limit: Int64) throws -> ContentDigest {
        guard let size = size(of: path) else { throw TransferFault("\(path) is missing.") }
        guard size <= limit else { throw TransferFault("\(path) has more than \(ByteText.of(limit, .binary)).") }
        let file = try NewFile(target)
        try read(path) { try file.append($0) }
        return try file.keep()
    }

    /// A short file at once.
    func bytes(_ path: String, limit: Int64) throws -> [UInt8] {
        guard let size = size(of: path) else { throw TransferFault("\(path) is missing.") }
        guard size <= limit else { throw TransferFault("\(path) has more than \(ByteText.of(limit, .binary)).") }
        var bytes: [UInt8] = []
        try read(path) { bytes += $0 }
        return bytes
    }
}

/// A folder that a session was written into.
struct FolderSource: ImportSource {
    let folder: String

    func size(of path: String) -> Int64? { (try? file(path))?.size }

    func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let file = try file(path)
        try file.read(0..<file.size, body)
    }

    /// Links are followed nowhere within the folder.
    private func file(_ path: String) throws -> PlainFile {
        var prefix = folder
        for segment in try ArchiveIndex.path(path).split(separator: "/").dropLast() {
            prefix += "/\(segment)"
            var facts = stat()
            guard lstat(prefix, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { throw TransferFault("\(prefix) is no folder.") }
        }
        return try PlainFile("\(folder)/\(path)")
    }
}

/// A ZIP archive that a session was packed into, by us or by another program.
struct ArchiveSource: ImportSource {
    private let file: PlainFile
    private let entries: [String: ArchiveIndex.Entry]

    /// - Throws: `TransferFault`, `ArchiveIndex.Fault`.
    init(_ path: String) throws {
        file = try PlainFile(path)
        let tail = try file.bytes(max(0, file.size - Int64(ArchiveDirectoryPlace.tailLength))..<file.size)
        let place = try ArchiveDirectoryPlace(tail: tail, of: file.size)
        let index = try ArchiveIndex(directory: try file.bytes(place.start..<place.start + place.length), at: place)
        // Programs that pack a folder put all files below its name.
        let suffix = "/" + ExportFolder.session
        let top = index.entries.first { $0.name.hasSuffix(suffix) && $0.name.split(separator: "/").count == 2 }
        let isFlat = index.entries.contains { $0.name == ExportFolder.session }
        let root = isFlat ? "" : top.map { String($0.name.dropLast(suffix.count - 1)) } ?? ""
        let inside = index.entries.filter { $0.name.hasPrefix(root) }
        entries = Dictionary(inside.map { (String($0.name.dropFirst(root.count)), $0) }, uniquingKeysWith: { first, _ in first })
    }

    func size(of path: String) -> Int64? { entries[path]?.size }

    func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let entry = entries[path] else { throw TransferFault("\(path) is missing.") }
        let header = try file.bytes(entry.start..<entry.start + Int64(ArchiveIndex.headerLength))
        let start = try ArchiveIndex.contentStart(of: entry, header: header)
        var digest = ContentDigest()
        func checked(_ bytes: UnsafeRawBufferPointer) throws {
            digest.update(bytes)
            guard digest.count <= entry.size else { throw TransferFault("\(path) is longer than the archive says.") }
            try body(bytes)
        }
        if entry.isDeflated {
            let inflation = try Inflation()
            try file.read(start..<start + entry.packedSize) { try inflation.add($0, checked) }
        } else {
            try file.read(start..<start + entry.packedSize, checked)
        }
        guard digest.count == entry.size, digest.crc32 == entry.crc32 else { throw TransferFault("\(path) is damaged in the archive.") }
    }
}
