import Core

/// Writes down who changed what, in the transaction of the change: neither is there without the other.
struct AuditLog: Sendable {
    let names: any PersonNames
    let grants: any GrantRegistry
    let clock: any WallClock
    private let store = AuditStore()

    /// Bytes of a change, as JSON text.
    static let maxChange = 4096

    init(names: any PersonNames, grants: any GrantRegistry, clock: any WallClock) {
        self.names = names
        self.grants = grants
        self.clock = clock
    }

    /// Writes a line.
    /// - Parameters:
    ///   - action: snake_case, at most 64 bytes, e.g. `session_updated`.
    ///   - subject: the id of what was changed, when that is not the session itself.
    ///   - change: what is different now, an object; of one that is too long, only the names of its members are kept.
    ///   - principal: who does it; `nil` for Lumiere itself.
    func note(
        _ action: String, in session: SessionID, subject: String? = nil, change: JSONValue? = nil, by principal: Principal?,
        _ tx: any Transaction
    ) throws {
        let entry = AuditEntry(
            number: 0, at: clock.now(), actor: try actor(principal, tx), action: action, subject: subject,
            change: try change.map(Self.bounded))
        try store.add(entry, to: session, tx)
    }

    /// As it is kept.
    static func bounded(_ change: JSONValue) throws -> JSONValue {
        guard try JSON.text(change).utf8.count > maxChange else { return change }
        guard case .object(let members) = change else { return ["cut": true] }
        var kept: [String] = []
        for name in members.keys.sorted() where kept.reduce(name.utf8.count, { $0 + $1.utf8.count + 3 }) < maxChange / 2 {
            kept.append(name)
        }
        let cut: JSONValue = ["cut": .array(kept.map(JSONValue.string))]
        return try JSON.text(cut).utf8.count > maxChange ? ["cut": true] : cut
    }

    private func actor(_ principal: Principal?, _ tx: any Transaction) throws -> AuditEntry.Actor {
        switch principal {
        case .user(let id, _, _): .init(kind: .user, id: id.description, name: try names.name(of: id, transaction: tx))
        case .key(_, let owner, _, _): .init(kind: .key, id: owner.description, name: try names.name(of: owner, transaction: tx))
        case .guest(let token):
            .init(kind: .guest, id: token.grantID.description, name: try grants.grant(token.grantID, transaction: tx)?.name)
        case nil, .anonymous: .init(kind: .house)
        }
    }
}

extension JSONValue {
    /// What is different in another object: by member, `from` and `to`, `null` for what is not there. Objects within are compared
    /// member by member, as `settings.review`.
    static func change(from old: JSONValue, to new: JSONValue, within path: String = "") -> [String: JSONValue] {
        guard case .object(let before) = old, case .object(let after) = new else { return [:] }
        var changes: [String: JSONValue] = [:]
        for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
            let (from, to) = (before[name] ?? .null, after[name] ?? .null)
            if case .object = from, case .object = to {
                changes.merge(change(from: from, to: to, within: "\(path)\(name).")) { $1 }
            } else {
                changes[path + name] = ["from": from, "to": to]
            }
        }
        return changes
    }
}
