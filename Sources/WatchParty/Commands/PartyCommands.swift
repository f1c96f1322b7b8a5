import Core

/// Carries out what clients ask for over the wires.
struct PartyCommands: CommandHandler {
    let service: PartyService
    let access: any SessionAccess

    let commands = Set(PartyCommand.allCases.map(\.rawValue))

    func carryOut(_ name: String, _ data: JSONValue, for caller: CommandCaller) async throws -> JSONValue {
        guard let party = SessionID(data["partyId"]?.stringValue ?? "") else { throw Problem.notFound("party") }
        switch PartyCommand(rawValue: name) {
        case .status:
            let report = try Self.decode(StatusReport.self, data)
            return ["nextIn": .integer(Int64(try await service.report(report, by: try await reporter(in: party, caller))))]
        case .command:
            let (actor, _) = try await actor(in: party, caller)
            return try JSON.value(of: try await service.carryOut(try Self.decode(PartyOrder.self, data), in: party, by: actor))
        case .queue:
            let (actor, principal) = try await actor(in: party, caller)
            let change = try Self.decode(QueueOrder.self, data).change()
            return try JSON.value(of: try await service.change(change, of: party, by: actor, as: principal))
        case .reaction:
            let (actor, _) = try await actor(in: party, caller)
            try await service.react(data["emoji"]?.stringValue ?? "", in: party, by: actor)
            return [:]
        case nil: throw Problem.badRequest("unknown_type", "There is no command of that type.")
        }
    }

    // MARK: Who it is

    /// Whoever is known to be there is not asked for again with each report.
    private func reporter(in party: SessionID, _ caller: CommandCaller) async throws -> Actor {
        let now = service.clock.now()
        for principal in [caller.entries[party].map(Principal.guest), caller.principal].compactMap(\.self) {
            if let person = Person(principal), service.floor.knows(person, in: party, at: now) { return Actor(person) }
        }
        let (actor, _) = try await actor(in: party, caller)
        try await service.welcomeBack(actor, in: party)
        return actor
    }

    /// Whoever the connection belongs to, if they may; otherwise the guest who entered by the code on it.
    private func actor(in party: SessionID, _ caller: CommandCaller) async throws -> (Actor, Principal) {
        let resource = try await access.resource(caller.principal, party)
        if Policy.allows(caller.principal, .joinInParty, resource) != .allow, let entry = caller.entries[party] {
            let guest = Principal.guest(entry)
            let resource = try await access.resource(guest, party)
            try Policy.require(guest, .joinInParty, resource, what: "party")
            return (try Actor(guest, in: resource), guest)
        }
        try Policy.require(caller.principal, .joinInParty, resource, what: "party")
        return (try Actor(caller.principal, in: resource), caller.principal)
    }

    private static func decode<Input: WireType>(_ type: Input.Type, _ data: JSONValue) throws -> Input {
        try JSON.decode(from: try JSON.encode(data))
    }
}
