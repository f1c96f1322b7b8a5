import Foundation
import Glibc
import Ingest

/// A file that is written under another name until it is whole and safe on the disk. Its calls block.
final class NewFile {
    private let path: String
    private let descriptor: Int32
    private(set) var digest = ContentDigest()
    private var isKept = false

    /// The name until then.
    static func part(of path: String) -> String { path + ".part" }

    /// Replaces what an interrupted run has left under that name.
    /// - Throws: `TransferFault`.
    init(_ path: String) throws {
        self.path = path
        unlink(Self.part(of: path))
        descriptor = open(Self.part(of: path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TransferFault.system("write \(path)") }
    }

    deinit {
        close(descriptor)
        if !isKept { unlink(Self.part(of: path)) }
    }

    /// Writes more.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        digest.update(bytes)
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw TransferFault.system("write \(path)") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Gives it its name, once it would survive a power cut.
    /// - Returns: the digest of what it holds.
    @discardableResult
    func keep() throws -> ContentDigest {
        guard fsync(descriptor) == 0, rename(Self.part(of: path), path) == 0 else { throw TransferFault.system("write \(path)") }
        isKept = true
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        return digest
    }

    /// Writes a short file at once.
    @discardableResult
    static func write(_ data: Data, to path: String) throws -> ContentDigest {
        let file = try NewFile(path)
        try data.withUnsafeBytes { try file.append($0) }
        return try file.keep()
    }
}
