import Core
import Foundation
import Synchronization

/// The keys that tokens are signed with: the first signs, all are accepted.
public final class SigningKeys: Sendable {
    /// Older ones are dropped at a rotation, and with them whatever they signed.
    static let most = 5

    private let keys: Mutex<[SigningKey]>
    private let file: SigningKeysFile?

    /// Keys given by configuration, the same on every node of a fleet; the first is the current one.
    /// - Throws: `SigningKeyError`: none, or one below 32 bytes.
    public convenience init(secrets: [Secret]) throws {
        try self.init(secrets: secrets.map { Data($0.reveal.utf8) }, file: nil)
    }

    private init(secrets: [Data], file: SigningKeysFile?) throws {
        self.keys = Mutex(try Self.derive(secrets))
        self.file = file
    }

    /// Keys kept with the data in `keys.json`, made when there is no such file. Blocks; call it before serving.
    /// - Throws: `SigningKeyError`.
    public static func load(fromFolder folder: String) throws -> SigningKeys {
        let file = SigningKeysFile(folder: folder)
        return try SigningKeys(secrets: try file.readOrCreate(), file: file)
    }

    /// Puts a fresh key first and keeps the former ones, so that tokens already given out hold. Blocks.
    /// Other processes on the same data follow within a second.
    /// - Throws: `SigningKeyError`.
    public func rotate() throws {
        guard let file else { throw SigningKeyError.given }
        let secrets = Array(([SigningKeysFile.fresh()] + (try file.read())).prefix(Self.most))
        try file.replace(with: secrets)
        try adopt(secrets)
    }

    /// Takes up what another process has made of the file. Blocks.
    /// - Throws: `SigningKeyError`; the keys stay as they were.
    func reload() throws {
        if let file { try adopt(try file.read()) }
    }

    /// Never empty; the first is the current one.
    var all: [SigningKey] { keys.withLock { $0 } }

    private func adopt(_ secrets: [Data]) throws {
        let derived = try Self.derive(secrets)
        keys.withLock { $0 = derived }
    }

    private static func derive(_ secrets: [Data]) throws -> [SigningKey] {
        guard !secrets.isEmpty else { throw SigningKeyError.none }
        return try secrets.map(SigningKey.init)
    }
}
