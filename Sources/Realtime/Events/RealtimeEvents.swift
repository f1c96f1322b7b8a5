public import Core

/// The commands and events of the wires themselves: rows of the event table.
public enum RealtimeEvents {
    static let authenticate = EventType(
        "authenticate", sender: .client, durability: .ephemeral,
        payload: .object([
            .optional("token", .string(1...4096), "An access token, API key or grant token; unless one has been shown already."),
            .optional("epoch", .string(0...64), "With `offset`: what the client heard last on the topic of its own account."),
            .optional("offset", .integer(0...Int64.max), "The last that was seen of that topic."),
        ]),
        about: "Says who is there, and how far they have heard of what is told to them alone; what they missed comes first.")

    static let joinSession = EventType(
        "join_session", sender: .client, durability: .ephemeral,
        payload: .object([
            .field("sessionId", .formatted(.uuid)),
            .optional("accessCode", .string(1...64), "Lets a guest in without a token."),
            .optional("name", .string(0...80), "How the guest wants to be called."),
            .optional("epoch", .string(0...64), "With `offset`: what the client saw last, from `session_joined` and events."),
            .optional("offset", .integer(0...Int64.max), "The highest that was seen of this session, in whatever topic."),
            .optional("deskOffset", .integer(0...Int64.max), "The same for the desk's topic, for clients that keep the two apart."),
            .optional("state", .boolean, "Whether to tell the current state when what was missed cannot be told; unless said, to who gives an `offset`."),
        ]),
        aliases: ["joinSession", "joinRoom", "join_room"],
        about: "Follows a session, and its desk for staff; missed events come first.")

    static let leaveSession = EventType(
        "leave_session", sender: .client, durability: .ephemeral,
        payload: .object([.field("sessionId", .formatted(.uuid))]),
        aliases: ["leaveSession", "leaveRoom", "leave_room"], about: "Stops following a session.")

    static let ping = EventType(
        "ping", sender: .client, durability: .ephemeral, payload: .object([]),
        about: "Asks for an `ack`; for clients that cannot send WebSocket pings.")

    static let sessionJoined = EventType(
        "session_joined", durability: .ephemeral, payload: Joined.session,
        about: "The session is followed; recovered events come next.")

    static let authenticated = EventType(
        "authenticated", durability: .ephemeral, payload: Authenticated.schema,
        about: "The topic of one's own account is followed; recovered events come next.")

    static let userJoined = EventType(
        "user_joined", durability: .ephemeral, payload: Presence.schema, about: "More people follow the session, or others.")

    static let userLeft = EventType(
        "user_left", durability: .ephemeral, payload: Presence.schema, about: "Fewer people follow the session.")

    static let announcement = EventType(
        "announcement", durability: .ephemeral, payload: Announcement.schema,
        about: "Those who run the service say something to everybody, or to all in a session.")

    static let closed = EventType(
        "closed", durability: .ephemeral,
        payload: .object([.field("code", .integer(1000...4999), "As a WebSocket's."), .field("reason", .string(0...123))]),
        about: "Why the connection ends now, for clients that are not told by its end: Socket.IO and server-sent events.")

    public static let all = [
        authenticate, joinSession, leaveSession, ping, authenticated, sessionJoined, userJoined, userLeft, announcement, closed,
    ] + ofParties
}

/// The data of `authenticated`.
struct Authenticated: WireType {
    var userId: UserID
    /// Names the history that the offset belongs to.
    var epoch: String
    /// Of the account's topic: what was missed until here has come or is coming.
    var offset: Int64
    /// Everything since the client's offset follows.
    var recovered: Bool

    static let schema = Schema.object([
        .field("userId", .formatted(.uuid)),
        .field("epoch", .string(), "Names the history that the offset belongs to."),
        .field("offset", .integer(0...Int64.max)),
        .field("recovered", .boolean, "Everything missed follows; if false, read anew what is kept for you."),
    ])
}
