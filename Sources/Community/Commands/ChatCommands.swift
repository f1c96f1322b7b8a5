import Core

/// Carries out what clients ask for over the wires, by the same rules as the routes.
struct ChatCommands: CommandHandler {
    let service: ChatService
    let finder: ChatFinder

    let commands = Set(ChatCommand.allCases.map(\.rawValue))

    func carryOut(_ name: String, _ data: JSONValue, for caller: CommandCaller) async throws -> JSONValue {
        switch ChatCommand(rawValue: name) {
        case .sendMessage, .partyChat:
            let (session, speaker) = try await speaker(in: data, .sendMessage, caller)
            let draft = try Self.decode(MessageInput.self, data).draft()
            return try Self.json(try await service.send(draft, to: session, by: speaker).view)
        case .editMessage:
            let (message, session, speaker) = try await speaker(of: data, caller)
            let text = data["text"]?.stringValue ?? ""
            return try Self.json(try await service.edit(message, to: text, in: session, by: speaker))
        case .deleteMessage:
            let (message, session, speaker) = try await speaker(of: data, caller)
            try await service.delete(message, in: session, by: speaker)
            return ["messageId": .string(message.description)]
        case .typing: return try await type(CommunityEvents.typing, data, caller)
        case .stopTyping: return try await type(CommunityEvents.stopTyping, data, caller)
        case .messageRead:
            let (session, speaker) = try await speaker(in: data, .readMessages, caller)
            let sequence = data["sequence"]?.integerValue ?? 0
            return try Self.json(try await service.markRead(session, through: sequence, by: speaker))
        case nil: throw Problem.badRequest("unknown_type", "There is no command of that type.")
        }
    }

    private func type(_ event: EventType, _ data: JSONValue, _ caller: CommandCaller) async throws -> JSONValue {
        let (session, speaker) = try await speaker(in: data, .sendMessage, caller)
        try await service.type(event, in: session, by: speaker)
        return [:]
    }

    // MARK: Who it is

    private func speaker(
        in data: JSONValue, _ action: Action, _ caller: CommandCaller
    ) async throws -> (SessionID, Speaker) {
        guard let session = SessionID((data["sessionId"] ?? data["partyId"])?.stringValue ?? "") else { throw Problem.notFound("session") }
        return (session, try await speaker(in: session, action, caller, what: "session"))
    }

    private func speaker(of data: JSONValue, _ caller: CommandCaller) async throws -> (MessageID, SessionID, Speaker) {
        guard caller.principal != .anonymous || !caller.entries.isEmpty else { throw Problem.unauthorized() }
        guard let message = MessageID(data["messageId"]?.stringValue ?? ""), let session = try await service.session(of: message)
        else { throw Problem.notFound("message") }
        return (message, session, try await speaker(in: session, .sendMessage, caller, what: "message"))
    }

    /// Whoever the connection belongs to, if they may; otherwise the guest who entered by the code on it.
    private func speaker(
        in session: SessionID, _ action: Action, _ caller: CommandCaller, what: String
    ) async throws -> Speaker {
        let resource = try await finder.access.resource(caller.principal, session)
        if Policy.allows(caller.principal, action, resource) != .allow, let entry = caller.entries[session] {
            let guest = Principal.guest(entry)
            let resource = try await finder.access.resource(guest, session)
            try Policy.require(guest, action, resource, what: what)
            return try Speaker(guest, in: resource)
        }
        try Policy.require(caller.principal, action, resource, what: what)
        return try Speaker(caller.principal, in: resource)
    }

    // MARK: JSON

    private static func json(_ value: some Encodable) throws -> JSONValue { try JSON.decode(from: try JSON.encode(value)) }

    private static func decode<Input: WireType>(_ type: Input.Type, _ data: JSONValue) throws -> Input {
        try JSON.decode(from: try JSON.encode(data))
    }
}
