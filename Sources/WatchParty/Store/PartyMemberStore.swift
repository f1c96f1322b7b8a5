import Core

/// The SQL of members.
struct PartyMemberStore {
    private static let columns: SQL = "person, name, role, joined_at, seen_at, is_present, round_trip"

    func find(_ person: Person, in party: SessionID, _ tx: any Transaction) throws -> PartyMember? {
        try tx.first("SELECT \(sql: Self.columns) FROM party_members WHERE session_id = \(party) AND person = \(person)").map(member)
    }

    /// Writes somebody down, as a member of before or a new one.
    func put(_ member: PartyMember, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO party_members (session_id, person, name, role, joined_at, seen_at, is_present, round_trip)
            VALUES (\(party), \(member.person), \(member.name), \(member.role), \(member.joinedAt), \(member.seenAt),
                \(member.isPresent), \(member.roundTrip))
            ON CONFLICT (session_id, person) DO UPDATE SET name = excluded.name, role = excluded.role, seen_at = excluded.seen_at,
                is_present = excluded.is_present, round_trip = excluded.round_trip
            """)
    }

    func remove(_ person: Person, from party: SessionID, _ tx: any Transaction) throws {
        try tx.execute("DELETE FROM party_members WHERE session_id = \(party) AND person = \(person)")
    }

    /// Makes of somebody who is or was there somebody else, who has not been there.
    func pass(from old: Person, to new: Person, named name: String, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute(
            "UPDATE party_members SET person = \(new), name = \(name) WHERE session_id = \(party) AND person = \(old)")
    }

    /// Those who are there first, and of each those who came first.
    func list(_ party: SessionID, limit: Int, _ tx: any Transaction) throws -> [PartyMember] {
        try tx.query(
            """
            SELECT \(sql: Self.columns) FROM party_members WHERE session_id = \(party)
            ORDER BY is_present DESC, joined_at, person LIMIT \(limit)
            """
        ).map(member)
    }

    /// The host, wherever they are; none of a party that lost its own.
    func hosts(of party: SessionID, _ tx: any Transaction) throws -> [PartyMember] {
        try tx.query(
            """
            SELECT \(sql: Self.columns) FROM party_members WHERE session_id = \(party) AND role = \(PartyRole.host)
            ORDER BY joined_at LIMIT 10
            """
        ).map(member)
    }

    /// Who becomes host when there is none: controllers before viewers, and who came first.
    func heir(in party: SessionID, _ tx: any Transaction) throws -> PartyMember? {
        try tx.first(
            """
            SELECT \(sql: Self.columns) FROM party_members WHERE session_id = \(party) AND is_present = 1
            ORDER BY CASE role WHEN 'viewer' THEN 1 ELSE 0 END, joined_at LIMIT 1
            """
        ).map(member)
    }

    func presentCount(_ party: SessionID, _ tx: any Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) AS count FROM party_members WHERE session_id = \(party) AND is_present = 1")?.get("count") ?? 0
    }

    /// Of those who are there, the longest way there and back in milliseconds; `nil` when nobody has measured.
    func longestRoundTrip(_ party: SessionID, _ tx: any Transaction) throws -> Int? {
        try tx.first("SELECT MAX(round_trip) AS trip FROM party_members WHERE session_id = \(party) AND is_present = 1")?.optional("trip")
    }

    /// Notes that some have been heard of.
    func see(_ people: [Person], in party: SessionID, at now: Timestamp, _ tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE party_members SET seen_at = \(now)
            WHERE session_id = \(party) AND is_present = 1 AND person IN \(list: people)
            """)
    }

    func setRoundTrip(_ milliseconds: Int, of person: Person, in party: SessionID, _ tx: any Transaction) throws {
        try tx.execute("UPDATE party_members SET round_trip = \(milliseconds) WHERE session_id = \(party) AND person = \(person)")
    }

    /// The parties in which somebody counts as present who was not heard of since a moment.
    func partiesWithLapsed(before time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [SessionID] {
        try tx.query(
            "SELECT DISTINCT session_id FROM party_members WHERE is_present = 1 AND seen_at < \(time) LIMIT \(limit)"
        ).map { try $0.get("session_id") }
    }

    func lapsed(in party: SessionID, before time: Timestamp, limit: Int, _ tx: any Transaction) throws -> [PartyMember] {
        try tx.query(
            """
            SELECT \(sql: Self.columns) FROM party_members
            WHERE session_id = \(party) AND is_present = 1 AND seen_at < \(time) ORDER BY seen_at LIMIT \(limit)
            """
        ).map(member)
    }

    private func member(_ row: Row) throws -> PartyMember {
        PartyMember(
            person: try row.get("person"), name: try row.get("name"), role: try row.get("role"), joinedAt: try row.get("joined_at"),
            seenAt: try row.get("seen_at"), isPresent: try row.get("is_present"), roundTrip: try row.optional("round_trip"))
    }
}
