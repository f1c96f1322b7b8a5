public import Core
public import Foundation

/// The SQL of the pictures that watermarks draw. They are small, and needed wherever a decoder runs.
public struct WatermarkPictureStore: WatermarkPictures {
    /// Pictures of one session that are kept besides the one in use.
    static let kept = 8

    public init() {}

    public func picture(_ sha256: String, of session: SessionID, transaction: any Transaction) throws -> Data? {
        try transaction.first(
            "SELECT content FROM watermark_pictures WHERE session_id = \(session) AND sha256 = \(sha256)"
        ).map { Data(try $0.get("content", as: [UInt8].self)) }
    }

    /// Keeps a picture; those that have not been in use for longest go.
    /// - Parameter inUse: the SHA-256 of those that stay in any case.
    func add(
        _ content: Data, _ sha256: String, to session: SessionID, inUse: [String], at now: Timestamp, _ tx: any Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO watermark_pictures (session_id, sha256, content, created_at)
            VALUES (\(session), \(sha256), \(Array(content)), \(now))
            ON CONFLICT (session_id, sha256) DO UPDATE SET created_at = excluded.created_at
            """)
        let others = try tx.query(
            """
            SELECT sha256 FROM watermark_pictures WHERE session_id = \(session) AND sha256 NOT IN \(list: inUse + [sha256])
            ORDER BY created_at DESC, sha256
            """
        ).map { try $0.get("sha256", as: String.self) }
        let surplus = Array(others.dropFirst(Self.kept))
        try tx.execute("DELETE FROM watermark_pictures WHERE session_id = \(session) AND sha256 IN \(list: surplus)")
    }

    /// Gives a session the picture of another.
    func copy(_ sha256: String, of session: SessionID, to other: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO watermark_pictures (session_id, sha256, content, created_at)
            SELECT \(other), sha256, content, \(now) FROM watermark_pictures WHERE session_id = \(session) AND sha256 = \(sha256)
            """)
    }

    func remove(of session: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM watermark_pictures WHERE session_id = \(session)")
    }
}
