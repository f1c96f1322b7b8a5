import Core

/// What an administrator tells everybody who is connected, or everybody in a session: the data of `announcement`.
struct Announcement: WireType {
    enum Level: String, Codable, CaseIterable, Sendable {
        case info, warning
    }

    var message: String
    var level: Level
    /// Only to who follows it.
    var sessionId: SessionID?

    /// Of its events: a newer one takes the place of an older that was not read yet.
    private static let key = "announcement"

    static let schema = Schema.object([
        .field("message", .string(1...500), "Plain text."),
        .field("level", .oneOf(Level.allCases.map(\.rawValue))),
        .optional("sessionId", .formatted(.uuid), "Told to those who follow this session; otherwise to everybody."),
    ])

    func event(at time: Timestamp) throws -> EphemeralEvent {
        let topic = sessionId.map(Topic.session) ?? .everyone
        return try EphemeralEvent(topic: topic, type: RealtimeEvents.announcement, key: Self.key, data: self, at: time)
    }
}
