import Core

/// A member, as it crosses the wires.
struct PartyMemberView: WireType, Equatable {
    var person: PersonView
    var role: PartyRole
    var grants: [PartyGrant]
    var joinedAt: Timestamp
    var isPresent: Bool
    var state: PlayerState?
    var drift: Double?
    var latency: Int?

    init(_ member: PartyMember, _ grants: PartyGrants, status: MemberStatus? = nil) {
        person = PersonView(member.person, name: member.name)
        role = member.role
        self.grants = PartyGrant.allCases.filter(grants.held(by: member.role).contains)
        joinedAt = member.joinedAt
        isPresent = member.isPresent
        (state, drift, latency) = (status?.state, status?.drift, status?.latency ?? member.roundTrip)
    }

    static let schema = Schema.object([
        .field("person", PersonView.schema),
        .field("role", .oneOf(PartyRole.allCases.map(\.rawValue))),
        .field("grants", PartyGrants.names, "What they may do."),
        .field("joinedAt", .formatted(.dateTime)),
        .field("isPresent", .boolean),
        .optional("state", PlayerState.schema, "What their player does, as far as this server was told."),
        .optional("drift", MemberStatus.driftSchema),
        .optional("latency", MemberStatus.latencySchema),
    ])
}

/// A party, as it crosses the wires.
struct PartyView: WireType, Equatable {
    var id: SessionID
    var title: String
    var ownerId: UserID
    var accessCode: String?
    var partyPath: String?
    var isLocked: Bool
    var capacity: Int
    var waitSeconds: Int
    var grants: PartyGrants
    var presentCount: Int
    var me: PartyMemberView?
    var state: PartyStateView
    var createdAt: Timestamp
    var updatedAt: Timestamp

    static let schema = Schema.object([
        .field("id", .formatted(.uuid), "Also of its session: its chat and uploads are there."),
        .field("title", .string(1...200)),
        .field("ownerId", .formatted(.uuid)),
        .optional("accessCode", .string(1...64), "Lets people in. Not in events."),
        .optional("partyPath", .string(), "The page of the party. Not in events."),
        .field("isLocked", .boolean),
        .field("capacity", .integer(0...1000)),
        .field("waitSeconds", .integer(0...120)),
        .field("grants", PartyGrants.schema),
        .field("presentCount", .integer(0...Int64.max)),
        .optional("me", PartyMemberView.schema, "The caller, who has been there. Not in events."),
        .field("state", PartyStateView.schema),
        .field("createdAt", .formatted(.dateTime)),
        .field("updatedAt", .formatted(.dateTime)),
    ])
}

/// The members of a party.
struct PartyMembersView: WireType, Equatable {
    var items: [PartyMemberView]

    static let schema = Schema.object([.field("items", .array(of: PartyMemberView.schema, count: 0...1000))])
}

/// The queue, as it crosses the wires: `party_queue`, and the answer to what is done with it.
struct PartyQueueView: WireType, Equatable {
    var partyId: SessionID
    var revision: Int64
    var currentId: String?
    var entries: [Entry]
    var skipVotes: Int
    var skipNeeded: Int
    var myVotes: [String]?
    var mySkip: Bool?

    /// A film in it.
    struct Entry: WireType, Equatable {
        var id: String
        var mediaId: PhotoID
        var title: String
        var duration: Double?
        var width: Int?
        var height: Int?
        var posterPath: String?
        var addedBy: PersonView
        var votes: Int
        var subtitles: Int

        static let schema = Schema.object([
            .field("id", .string(1...64)),
            .field("mediaId", .formatted(.uuid)),
            .field("title", .string()),
            .optional("duration", PartyStateView.seconds),
            .optional("width", .integer(1...Int64.max)),
            .optional("height", .integer(1...Int64.max)),
            .optional("posterPath", .string(), "Signed for the caller in answers; not in events."),
            .field("addedBy", PersonView.schema),
            .field("votes", .integer(0...Int64.max)),
            .field("subtitles", .integer(0...Int64.max), "How many tracks there are."),
        ])
    }

    static let schema = Schema.object([
        .field("partyId", .formatted(.uuid)),
        .field("revision", .integer(0...Int64.max), "Rises with each change."),
        .optional("currentId", .string(1...64), "Of the entry that is shown."),
        .field("entries", .array(of: Entry.schema, count: 0...QueueRules.maxEntries), "In the order in which they are shown."),
        .field("skipVotes", .integer(0...Int64.max), "How many want to go on to the next."),
        .field("skipNeeded", .integer(1...Int64.max), "How many are needed for that: half of those who are there."),
        .optional("myVotes", .array(of: .string(1...64), count: 0...QueueRules.maxEntries), "Entries that the caller has voted for. Not in events."),
        .optional("mySkip", .boolean, "Whether the caller wants to go on. Not in events."),
    ])
}

/// What is to be played of an entry, with URLs that open it for the caller.
struct PartyFilmView: WireType, Equatable {
    var entryId: String
    var mediaId: PhotoID
    var title: String
    var duration: Double?
    var poster: String?
    var sources: [Source]
    var hls: String?
    var sprites: String?
    var subtitles: [SubtitleView]

    /// A file that plays as it is, by ranges.
    struct Source: WireType, Equatable {
        var url: String
        var type: String
        var width: Int
        var height: Int

        static let schema = Schema.object([
            .field("url", .string()), .field("type", .string(), "The media type."),
            .field("width", .integer(0...Int64.max)), .field("height", .integer(0...Int64.max)),
        ])
    }

    static let schema = Schema.object([
        .field("entryId", .string(1...64)),
        .field("mediaId", .formatted(.uuid)),
        .field("title", .string()),
        .optional("duration", PartyStateView.seconds),
        .optional("poster", .string()),
        .field("sources", .array(of: Source.schema), "Each plays by range requests."),
        .optional("hls", .string(), "The multivariant playlist, where there is one."),
        .optional("sprites", .string(), "A WebVTT track of small stills."),
        .field("subtitles", .array(of: SubtitleView.schema, count: 0...SubtitleRules.maxTracks)),
    ])
}

/// A track of subtitles.
struct SubtitleView: WireType, Equatable {
    var id: String
    var label: String
    var language: String?
    var url: String

    static let schema = Schema.object([
        .field("id", .string(1...64)),
        .field("label", .string(1...80)),
        .optional("language", .string(2...12), "A short tag (BCP 47)."),
        .field("url", .string(), "WebVTT; fetched with the caller's token."),
    ])
}

/// A film that can be put into the queue.
struct LibraryFilmView: WireType, Equatable {
    var mediaId: PhotoID
    var title: String
    var duration: Double?
    var poster: String?
    var sessionId: SessionID
    var sessionTitle: String

    static let schema = Schema.object([
        .field("mediaId", .formatted(.uuid)),
        .field("title", .string()),
        .optional("duration", PartyStateView.seconds),
        .optional("poster", .string()),
        .field("sessionId", .formatted(.uuid)),
        .field("sessionTitle", .string()),
    ])
}
