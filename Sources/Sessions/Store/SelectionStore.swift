import Core
import Crypto
import Foundation

/// The SQL of choices of photos, each kept under a name that follows from the photos.
struct SelectionStore {
    /// Choices that are kept of each who chooses, and of all guests of a session together.
    static let (keptOfHolder, keptOfSession) = (50, 2000)
    /// How long they are kept after they were made last.
    static let lifetime = Duration.seconds(30 * 86_400)

    /// Those of some photos that a session has.
    func present(_ photos: [PhotoID], in session: SessionID, _ tx: any Transaction) throws -> [PhotoID] {
        // Databases take so many values in one statement.
        try stride(from: 0, to: photos.count, by: 500).flatMap { start in
            try tx.query(
                """
                SELECT id FROM photos WHERE session_id = \(session) AND id IN \(list: Array(photos[start...].prefix(500)))
                """
            ).map { try $0.get("id", as: PhotoID.self) }
        }
    }

    /// Keeps a choice, and lets go of old ones of the same who chooses; nobody's choice makes others' go.
    /// - Throws: `Problem` 409 `too_many_choices` when a guest chooses and no more are kept of the session.
    func insert(
        _ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser, at now: Timestamp, _ tx: any Transaction
    ) throws -> String {
        let (content, holder) = (Self.packed(photos), chooser.holder)
        let name = SHA256.hash(data: Data("\(session) \(holder) ".utf8 + content)).prefix(16)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try tx.execute("DELETE FROM archive_selections WHERE created_at < \(now - Self.lifetime)")
        if chooser.isGuest { try requireRoom(for: name, in: session, tx) }
        try tx.execute(
            """
            INSERT INTO archive_selections (session_id, name, holder, photos, created_at)
            VALUES (\(session), \(name), \(holder), \(content), \(now))
            ON CONFLICT (session_id, name) DO UPDATE SET created_at = excluded.created_at
            """)
        try prune("session_id = \(session) AND holder = \(holder)", keeping: Self.keptOfHolder, tx)
        return name
    }

    private func requireRoom(for name: String, in session: SessionID, _ tx: any Transaction) throws {
        if try tx.exists("SELECT name FROM archive_selections WHERE session_id = \(session) AND name = \(name)") { return }
        let kept = try tx.first("SELECT COUNT(*) AS kept FROM archive_selections WHERE session_id = \(session)")
        if try kept?.get("kept", as: Int.self) ?? 0 < Self.keptOfSession { return }
        throw Problem.conflict("too_many_choices", "The session keeps no more choices of guests for now.")
    }

    /// The photos of a choice; `nil` when there is no such one (any more).
    func photos(_ name: String, in session: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> [PhotoID]? {
        try tx.first(
            """
            SELECT photos FROM archive_selections
            WHERE session_id = \(session) AND name = \(name) AND created_at >= \(now - Self.lifetime)
            """
        ).map { Self.unpacked(try $0.get("photos")) }
    }

    /// Whether there is such a choice (still).
    func isKept(_ name: String, in session: SessionID, at now: Timestamp, _ tx: any Transaction) throws -> Bool {
        try tx.exists(
            """
            SELECT name FROM archive_selections
            WHERE session_id = \(session) AND name = \(name) AND created_at >= \(now - Self.lifetime)
            """)
    }

    private func prune(_ condition: SQL, keeping count: Int, _ tx: any Transaction) throws {
        try tx.execute(
            """
            DELETE FROM archive_selections WHERE \(sql: condition) AND name NOT IN (
                SELECT name FROM archive_selections WHERE \(sql: condition) ORDER BY created_at DESC, name LIMIT \(count))
            """)
    }

    /// 16 bytes each, in order, each once.
    private static func packed(_ photos: [PhotoID]) -> [UInt8] {
        Set(photos).sorted().compactMap { UUID(uuidString: $0.description) }.flatMap { id in withUnsafeBytes(of: id.uuid) { Array($0) } }
    }

    private static func unpacked(_ bytes: [UInt8]) -> [PhotoID] {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - 15, by: 16).compactMap { start in
                PhotoID(UUID(uuid: bytes.loadUnaligned(fromByteOffset: start, as: uuid_t.self)).uuidString)
            }
        }
    }
}
