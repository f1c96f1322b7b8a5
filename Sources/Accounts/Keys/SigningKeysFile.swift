import Core
import Foundation
import Glibc

/// `keys.json` in the data folder, readable by its owner only: `{"keys": ["<base64url>", …]}`. All calls block.
struct SigningKeysFile: Sendable {
    private struct Content: Codable {
        var keys: [String]
    }

    private static let largest = 64 * 1024

    let folder: String
    var path: String { folder + "/keys.json" }

    /// 32 random bytes.
    static func fresh() -> Data { Data(base64URLEncoded: RandomToken.secret(bytes: 32)) ?? Data() }

    /// The secrets, the current one first; a first one is made when there is no file.
    /// - Throws: `SigningKeyError`.
    func readOrCreate() throws -> [Data] {
        if access(path, F_OK) != 0 { try create() }
        return try read()
    }

    /// - Throws: `SigningKeyError`.
    func read() throws -> [Data] {
        let bytes = try content()
        guard let content = try? JSON.decode(Content.self, from: bytes) else { throw SigningKeyError.malformed(path: path) }
        return try content.keys.map { key in
            guard let secret = Data(base64URLEncoded: key) else { throw SigningKeyError.malformed(path: path) }
            return secret
        }
    }

    /// - Throws: `SigningKeyError`.
    func replace(with secrets: [Data]) throws {
        let temporary = try writeTemporary(secrets)
        guard rename(temporary, path) == 0 else { throw failure(removing: temporary) }
        try syncFolder()
    }

    /// Of two processes that start at once one wins and the other reads the winner's: a link, unlike a rename, never
    /// replaces.
    func create() throws {
        let temporary = try writeTemporary([Self.fresh()])
        guard link(temporary, path) == 0 || errno == EEXIST else { throw failure(removing: temporary) }
        unlink(temporary)
        try syncFolder()
    }

    private func writeTemporary(_ secrets: [Data]) throws -> String {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let content = Content(keys: secrets.map { $0.base64URLEncodedString() })
        guard let bytes = try? JSON.encode(content) else { throw SigningKeyError.malformed(path: path) }
        let temporary = "\(path).\(RandomToken.secret(bytes: 6))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        // A few hundred bytes to a regular file are written whole or not at all.
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(descriptor) == 0 else { throw failure(removing: temporary) }
        return temporary
    }

    private func content() throws -> Data {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_size <= Self.largest else { throw SigningKeyError.malformed(path: path) }
        // Restored from a backup, it may have become readable by others.
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 { throw failure() }
        var bytes = Data(count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw failure() }
        return bytes
    }

    private func syncFolder() throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure() }
    }

    private func failure(removing temporary: String? = nil) -> SigningKeyError {
        let reason = String(cString: strerror(errno))
        if let temporary { unlink(temporary) }
        return .file(path: path, reason: reason)
    }
}
