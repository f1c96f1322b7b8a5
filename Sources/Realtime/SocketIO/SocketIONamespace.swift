import Core

/// The namespaces of `/socket.io/`. Commands and events are the same in both.
enum SocketIONamespace: String, Sendable, CaseIterable {
    case main = "/"
    /// For clients of parties: their commands have short names there, too.
    case watchParty = "/watch-party"

    private static let shortNames: [String: EventType] = [
        "join": RealtimeEvents.joinParty, "leave": RealtimeEvents.leaveParty, "clock": RealtimeEvents.partyClock,
    ]
    /// Those of the feature's commands.
    private static let shortened: Set = ["command", "status", "queue", "chat", "reaction"]

    /// What a command is called everywhere.
    func command(_ name: String) -> String {
        guard self == .watchParty else { return name }
        return Self.shortNames[name]?.name ?? (Self.shortened.contains(name) ? "party_\(name)" : name)
    }

    /// Tells ephemeral events apart of which a session gets the latest, for it may follow a topic in both.
    func key(_ key: String) -> String { self == .main ? key : "\(rawValue) \(key)" }
}
