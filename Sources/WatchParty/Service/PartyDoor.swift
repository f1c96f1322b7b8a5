import Core

/// What the wires ask about parties.
struct PartyDoor: Sendable {
    let service: PartyService
    let access: any SessionAccess

    private func actor(_ principal: Principal, _ party: SessionID, to action: Action = .readParty) async throws -> (actor: Actor, isStaff: Bool) {
        let resource = try await access.resource(principal, party)
        try Policy.require(principal, action, resource, what: "party")
        return (try Actor(principal, in: resource), Policy.allows(principal, .manageParty, resource) == .allow)
    }
}

extension PartyDoor: TopicAuthorizer {
    var kinds: Set<Topic.Kind> { [.party] }

    func authorize(_ principal: Principal, toFollow topic: Topic) async throws {
        guard case .party(let id) = topic else { throw Problem.notFound("topic") }
        // Strangers may ask as often as they like: that must cost nothing.
        if principal == .anonymous { throw Problem.unauthorized() }
        _ = try await actor(principal, id)
        _ = try await service.database.read { tx in try service.find(id, tx) }
    }
}

extension PartyDoor: PartyVisitors {
    func mayEnter(_ party: SessionID, _ principal: Principal) async throws {
        let resource = try await access.resource(principal, party)
        let isKnown = Policy.allows(principal, .readParty, resource) == .allow
        try await service.requireRoom(for: isKnown ? try Actor(principal, in: resource) : nil, in: party)
    }

    func entered(_ party: SessionID, _ principal: Principal) async throws {
        try await service.enter(party, try await actor(principal, party, to: .joinInParty).actor)
    }

    func left(_ party: SessionID, _ principal: Principal) async throws {
        guard let person = Person(principal) else { return }
        try await service.leave(party, person)
    }
}

extension PartyDoor: PartyStateReader {
    func state(of party: SessionID, for principal: Principal) async throws -> JSONValue {
        let (actor, isStaff) = try await actor(principal, party)
        return [
            "party": try JSON.value(of: try await service.view(of: party, for: actor, isStaff: isStaff)),
            "queue": try JSON.value(of: try await service.queueView(of: party, for: actor, as: principal)),
            "members": try JSON.value(of: try await service.memberViews(of: party, limit: 200)),
        ]
    }
}
