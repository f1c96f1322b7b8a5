public import Core

/// The limits of the talk.
public struct ChatRules: Sendable {
    /// How long an author may change a message.
    public var editWindow = Duration.seconds(15 * 60)
    /// How long an author may take a message back.
    public var deletionWindow = Duration.seconds(86_400)
    /// What somebody may say, change and react to.
    public var speech = RateLimit(burst: 20, interval: .seconds(1))
    /// How often somebody may tell that they type, or what they have read.
    public var signals = RateLimit(burst: 30, interval: .milliseconds(500))
    /// Messages of one chat, those taken back included; what is said beyond is refused.
    public var messages: Int64 = 200_000
    /// Kinds of reactions to one message.
    public var reactions = 20
    /// People muted in one chat at the same time.
    public var mutes = 1000
    /// Unread messages are counted up to here.
    public var unread = 1000

    /// The usual.
    public init() {}

    /// Characters of a message, as Unicode scalars.
    static let textLength = 1...4000
    /// Seconds of slow mode.
    static let slowMode = 0...3600
    /// Entries of a word filter, and the characters of each.
    static let words = 0...500, wordLength = 1...64
}
