import Core
import Crypto
import Foundation

/// The SQL of choices of photos, each kept under a name that follows from the photos.
struct ArchiveChoiceStore {
    /// Choices that are kept of each who chooses, and of all guests of a session together.
    static let (keptOfHolder, keptOfGuests) = (50, 2000)
    /// How long they are kept after they were made last.
    static let lifetime = Duration.seconds(30 * 86_400)
    /// What the holders of guests' choices begin with; no account's id does.
    private static let guest = "guest "
    private static let ofGuests: SQL = "holder LIKE 'guest %'"

    let grants: any GrantRegistry

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

    /// Keeps a choice, and lets go of old ones of the same who chooses. Nobody's choice makes those of staff go; of guests, of whom
    /// anybody may come in again and again, see `makeRoom`.
    func insert(
        _ photos: [PhotoID], in session: SessionID, by chooser: ArchiveChooser, at now: Timestamp, _ tx: any Transaction
    ) throws -> String {
        let (content, holder) = (Self.packed(photos), chooser.isGuest ? Self.guest + chooser.holder : chooser.holder)
        let name = SHA256.hash(data: Data("\(session) \(chooser.holder) ".utf8 + content)).prefix(16)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try tx.execute("DELETE FROM archive_selections WHERE created_at < \(now - Self.lifetime)")
        try tx.execute(
            """
            INSERT INTO archive_selections (session_id, name, holder, photos, created_at)
            VALUES (\(session), \(name), \(holder), \(content), \(now))
            ON CONFLICT (session_id, name) DO UPDATE SET holder = excluded.holder, created_at = excluded.created_at
            """)
        try prune("session_id = \(session) AND holder = \(holder)", keeping: Self.keptOfHolder, tx)
        if chooser.isGuest { try makeRoom(sparing: name, in: session, tx) }
        return name
    }

    /// Of too many choices of guests those go first whose guests are not in any more, then the oldest of whoever keeps the most, and of
    /// those who keep as many of whoever came in last (grants are named by the time): who fills the session makes room at their own expense,
    /// also who comes in again and again for it.
    /// - Parameter name: the one that has just been made.
    private func makeRoom(sparing name: String, in session: SessionID, _ tx: any Transaction) throws {
        guard try surplus(in: session, tx) > 0 else { return }
        try removeOfGone(from: session, tx)
        let surplus = try surplus(in: session, tx)
        guard surplus > 0 else { return }
        try tx.execute(
            """
            DELETE FROM archive_selections WHERE session_id = \(session) AND name IN (
                SELECT name FROM (
                    SELECT name, holder, created_at, COUNT(*) OVER (PARTITION BY holder) AS kept FROM archive_selections
                    WHERE session_id = \(session) AND \(sql: Self.ofGuests)
                ) AS choices
                WHERE name <> \(name) ORDER BY kept DESC, holder DESC, created_at, name LIMIT \(surplus))
            """)
    }

    /// How many more choices of guests there are than are kept.
    private func surplus(in session: SessionID, _ tx: any Transaction) throws -> Int {
        let row = try tx.first(
            "SELECT COUNT(*) AS kept FROM archive_selections WHERE session_id = \(session) AND \(sql: Self.ofGuests)")
        return try row.map { try $0.get("kept", as: Int.self) - Self.keptOfGuests } ?? 0
    }

    /// Lets go of what guests chose whose grants do not hold any more.
    private func removeOfGone(from session: SessionID, _ tx: any Transaction) throws {
        let holders = try tx.query(
            "SELECT DISTINCT holder FROM archive_selections WHERE session_id = \(session) AND \(sql: Self.ofGuests)"
        ).map { try $0.get("holder", as: String.self) }
        let inside = Set(try grants.holding(holders.compactMap(Self.grant), transaction: tx).map { Self.guest + $0.description })
        let gone = holders.filter { !inside.contains($0) }
        for start in stride(from: 0, to: gone.count, by: 500) {
            try tx.execute(
                """
                DELETE FROM archive_selections
                WHERE session_id = \(session) AND holder IN \(list: Array(gone[start...].prefix(500)))
                """)
        }
    }

    private static func grant(of holder: String) -> GrantID? { GrantID(String(holder.dropFirst(guest.count))) }

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
