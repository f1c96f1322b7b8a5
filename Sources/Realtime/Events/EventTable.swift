public import Core

/// Every event and command of the house, by name and alias: the one place that says what may cross the wire.
public struct EventTable: Sendable {
    /// In order of declaration.
    public let types: [EventType]
    private let commands: [String: EventType]

    /// - Parameter types: the lists of all features and of `RealtimeEvents`.
    public init(_ types: [EventType]) {
        self.types = types
        let named = types.filter { $0.sender == .client }.flatMap { type in
            ([type.name] + type.aliases).map { ($0, type) }
        }
        self.commands = Dictionary(named, uniquingKeysWith: { first, _ in first })
    }

    /// Recognises a command and checks its data.
    /// - Returns: the canonical name, and the data with camelCase member names.
    /// - Throws: `Problem` 400 `unknown_type`, 422 `invalid_field`.
    func command(_ name: String, _ data: JSONValue) throws -> (name: String, data: JSONValue) {
        guard let type = commands[name] else { throw Problem.unknownCommand }
        let canonical = data == .null ? .object([:]) : data.camelCased
        try type.payload.validate(canonical)
        return (type.name, canonical)
    }
}

extension JSONValue {
    /// The same with the member names of the outermost object in camelCase: `session_id` becomes `sessionId`.
    var camelCased: JSONValue {
        guard case .object(let members) = self else { return self }
        let renamed = members.map { (Self.camelCase($0.key), $0.value) }
        let converted = Dictionary(renamed, uniquingKeysWith: { first, _ in first })
        // Where both spellings are there, the canonical one counts.
        return .object(converted.merging(members.filter { !$0.key.contains("_") }) { _, canonical in canonical })
    }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        guard words.count > 1 else { return name }
        return String(words[0]) + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
