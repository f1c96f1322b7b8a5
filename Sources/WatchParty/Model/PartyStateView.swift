import Core

/// The truth about the film, as it crosses the wires: `party_state`, and the answer to commands.
struct PartyStateView: WireType, Equatable {
    var partyId: SessionID
    var sequence: Int64
    var entryId: String?
    var mediaId: PhotoID?
    var duration: Double?
    var playing: Bool
    var position: Double
    var rate: Double
    var at: Int64
    var held: Bool
    var waitingFor: [Wait]
    var action: String
    var by: PersonView?
    var serverTime: Int64

    /// Somebody who is waited for.
    struct Wait: WireType, Equatable {
        var person: PersonView
        var until: Int64

        static let schema = Schema.object([
            .field("person", PersonView.schema),
            .field("until", PartyStateView.time, "When nobody waits for them any longer."),
        ])
    }

    static let time = Schema.integer(0...Int64.max)
    static let seconds = Schema.number(0...Double(MediaFacts.Video.maximumDuration / 1000))

    static let schema = Schema.object([
        .field("partyId", .formatted(.uuid)),
        .field("sequence", .integer(0...Int64.max), "Rises by one with each change; commands name the one they are based on."),
        .optional("entryId", .string(1...64), "Of the queue: what is shown; missing when nothing is."),
        .optional("mediaId", .formatted(.uuid), "The film that is shown."),
        .optional("duration", seconds, "Seconds; missing when nobody knows."),
        .field("playing", .boolean, "Whether the film runs from `at` on."),
        .field("position", seconds, "Seconds, at the time `at`; until then, what was true before goes on."),
        .field("rate", .number(0.5...2)),
        .field("at", time, "Milliseconds since 1970, of the server's clock; may lie a little ahead."),
        .field("held", .boolean, "It would run, but waits for those in `waitingFor`."),
        .field("waitingFor", .array(of: Wait.schema, count: 0...64)),
        .field("action", .string(1...16), "What made it so: `play`, `pause`, `seek`, `rate`, `select`, `next`, `wait`, `resume`, `end`."),
        .optional("by", PersonView.schema, "Whose command it was, if it was one."),
        .field("serverTime", time, "When it was told: milliseconds since 1970."),
    ])
}
