import Core

/// The data of `session_joined` and `party_joined`.
struct Joined: Encodable, Sendable {
    var sessionId: SessionID?
    var partyId: SessionID?
    /// Names the history that the offsets belong to.
    var epoch: String
    /// Of its topics: what was missed until here has come or is coming.
    var offset: Int64
    /// Whether the client holds a session's desk topic too, and its offset.
    var desk: Bool?
    var deskOffset: Int64?
    /// Everything since the client's offset follows.
    var recovered: Bool
    /// How many follow it.
    var guests: Int
    /// Who of them has a name.
    var people: [PresentPerson]
    /// Whether more have one.
    var sampled: Bool
    /// The grant token, when the guest entered by code: for the next join.
    var token: String?
    /// For the plain media paths of the events.
    var mediaToken: String?
    /// What it is like now, for who is not recovered.
    var state: JSONValue?

    /// - Parameter topics: what the client follows of it.
    init(
        _ gathering: Gathering, _ topics: [Topic], epoch: String, offset: Int64, recovered: Bool, presence: Presence, token: String?,
        mediaToken: String?, state: JSONValue?
    ) {
        let isStaff = gathering.staffTopic.map(topics.contains)
        if gathering.isParty { partyId = gathering.id } else { sessionId = gathering.id }
        (self.epoch, self.offset, self.recovered) = (epoch, offset, recovered)
        (desk, deskOffset) = (isStaff, isStaff == true ? offset : nil)
        (guests, people, sampled) = (presence.count, presence.people, presence.sampled)
        (self.token, self.mediaToken, self.state) = (token, mediaToken, state)
    }

    /// Written down for the client.
    var message: DirectMessage {
        get throws {
            let type = partyId == nil ? RealtimeEvents.sessionJoined : RealtimeEvents.partyJoined
            return try DirectMessage(type, self, epoch: epoch, offset: recovered ? nil : offset)
        }
    }

    /// Of `session_joined`.
    static let session = Schema.object(
        [.field("sessionId", .formatted(.uuid))] + place + [
            .field("desk", .boolean, "Whether the desk's topic is followed too."), .optional("deskOffset", .integer(0...Int64.max)),
        ] + findings + [
            .optional(
                "state", .object([.field("session", .any), .field("photos", .any)]),
                "Where `recovered` is false, unless the client did not want it: the session and the newest page of its photos, as over HTTP.")
        ])

    /// Of `party_joined`.
    static let party = Schema.object(
        [.field("partyId", .formatted(.uuid))] + place + findings + [
            .optional(
                "state", .object([.field("party", .any), .field("queue", .any), .field("members", .any)]),
                "Where `recovered` is false, unless the client did not want it: the party, its queue and members, as over HTTP.")
        ])

    private static let place: [Schema.Field] = [
        .field("epoch", .string(), "Names the history that the offsets belong to."), .field("offset", .integer(0...Int64.max)),
    ]

    private static let findings: [Schema.Field] = [
        .field("recovered", .boolean, "Everything missed follows; if false, begin anew from `state`, or read it again."),
        .field("guests", .integer(0...Int64.max), "How many follow it."),
        Presence.people, Presence.sampled,
        .optional("token", .string(), "The grant token of a guest who entered by code; a secret."),
        .optional("mediaToken", .string(), "Append it as `grant` to the media paths of events; it opens nothing else."),
    ]
}
