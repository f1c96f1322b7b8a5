import Core
import Crypto
import Foundation
import Sessions

/// Remembers into which session something is being taken over, so that an interrupted run goes on with it. Its calls block.
struct ImportNote: Sendable {
    private let path: String

    /// - Parameters:
    ///   - session: the bytes of the `session.json` that is taken over.
    ///   - folder: where notes are kept.
    init(of session: [UInt8], for owner: UserID, in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let name = SHA256.hash(data: Data(owner.description.utf8) + session).prefix(16)
        path = "\(folder)/\(Data(name).base64URLEncodedString()).import"
    }

    /// The session that was begun; `nil` when none was, or it was ended.
    func read() -> SessionID? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { SessionID($0) }
    }

    func write(_ session: SessionID) throws { try NewFile.write(Data(session.description.utf8), to: path) }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
