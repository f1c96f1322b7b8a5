public import Core

/// The events this feature publishes and the commands it carries out: rows of the event table.
public enum PartyEvents {
    static let state = EventType("party_state", payload: PartyStateView.schema, about: "The truth about the film has changed.")

    static let queue = EventType("party_queue", payload: PartyQueueView.schema, about: "The queue has changed, or the votes.")

    static let member = EventType(
        "party_member", payload: MemberNews.schema, about: "Somebody has come, gone, been shown out, or is something else now.")

    static let updated = EventType("party_updated", payload: PartyView.schema, about: "The host has decided something else.")

    static let status = EventType(
        "party_status", durability: .ephemeral, payload: StatusNews.schema,
        about: "What the players of some members do, and how far they are from where they should be; at most twice a second.")

    static let reaction = EventType(
        "party_reaction", durability: .ephemeral, payload: ReactionNews.schema, about: "Somebody reacts to what is on the screen.")

    /// Everything, for the event table.
    public static let all = [state, queue, member, updated, status, reaction] + PartyCommand.allCases.map(\.type)
}

/// The data of `party_member`.
struct MemberNews: WireType, Equatable {
    enum Change: String, Codable, Sendable, CaseIterable {
        case joined, left, role, removed
    }

    var partyId: SessionID
    var change: Change
    var member: PartyMemberView

    static let schema = Schema.object([
        .field("partyId", .formatted(.uuid)),
        .field("change", .oneOf(Change.allCases.map(\.rawValue))),
        .field("member", PartyMemberView.schema),
    ])
}

/// The data of `party_status` as it is told.
struct StatusNews: WireType, Equatable {
    /// How many are told of at once.
    static let limit = 100

    /// One of them.
    struct Entry: WireType, Equatable {
        /// As paths have it.
        var person: String
        var state: PlayerState
        var drift: Double?
        var latency: Int?

        static let schema = Schema.object([
            .field("person", .string(1...64), "`user:` or `guest:` and the id."),
            .field("state", PlayerState.schema),
            .optional("drift", MemberStatus.driftSchema, "Milliseconds that the player is ahead of where it should be."),
            .optional("latency", MemberStatus.latencySchema, "Milliseconds there and back."),
        ])
    }

    var partyId: SessionID
    var members: [Entry]

    static let schema = Schema.object([
        .field("partyId", .formatted(.uuid)),
        .field("members", .array(of: Entry.schema, count: 1...limit), "Those whose state has changed, or who are elsewhere."),
    ])
}

/// The data of `party_reaction`.
struct ReactionNews: WireType, Equatable {
    var partyId: SessionID
    var person: PersonView
    var emoji: String
    var position: Double

    static let schema = Schema.object([
        .field("partyId", .formatted(.uuid)),
        .field("person", PersonView.schema),
        .field("emoji", .string(1...Emoji.maxBytes)),
        .field("position", PartyStateView.seconds, "Where the film was."),
    ])
}
