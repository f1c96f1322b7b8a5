import Core

extension SessionService {
    /// A page of who changed what in a session, newest first.
    /// - Throws: `Problem` 404.
    func audit(of id: SessionID, after cursor: Cursor?, limit: Int) async throws -> Page<AuditView> {
        let found = try await database.read { tx in
            _ = try find(id, tx)
            return try AuditStore().list(of: id, before: cursor?.key ?? .max, limit: limit + 1, tx)
        }
        return Page(found.map(AuditView.init), limit: limit) { Cursor(key: $0.number, id: String($0.number)) }
    }
}

extension ShareLink {
    /// What is compared when it is changed; not what opens it.
    var audited: JSONValue {
        [
            "name": .string(name), "rights": .array(rights.names.map(JSONValue.string)),
            "expiresAt": expiresAt.map { .string($0.description) } ?? .null, "maxUses": .integer(Int64(maxUses)),
            "maxDownloads": .integer(Int64(maxDownloads)), "hasPassword": .bool(passwordHash != nil),
        ]
    }
}

extension Session {
    /// What is compared when it is changed. Codes are not written down: whoever reads the log later is not let in by it.
    func audited() throws -> JSONValue {
        guard case .object(var members) = try JSON.value(of: occasion) else { return .null }
        members["title"] = .string(title)
        members["description"] = .string(about)
        members["status"] = .string(status.rawValue)
        members["ownerId"] = .string(ownerID.description)
        members["settings"] = try JSON.value(of: settings)
        return .object(members)
    }

    /// What is different from before.
    func change(from old: Session) throws -> JSONValue {
        var changes = JSONValue.change(from: try old.audited(), to: try audited())
        if accessCode != old.accessCode { changes["accessCode"] = ["changed": true] }
        return .object(changes)
    }
}
