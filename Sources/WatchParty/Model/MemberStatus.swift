import Core

/// What somebody's player does.
enum PlayerState: String, Codable, Sendable, CaseIterable {
    case playing, paused
    /// It should play and stands still.
    case buffering
    /// It stood still and could go on.
    case ready

    static let schema = Schema.oneOf(allCases.map(\.rawValue))
}

/// What somebody has told of their player last.
struct MemberStatus: Sendable, Equatable {
    var state: PlayerState
    /// Milliseconds that it is ahead of where it should be.
    var drift: Double?
    /// Milliseconds there and back.
    var latency: Int?

    static let driftSchema = Schema.number(-86_400_000...86_400_000)
    static let latencySchema = Schema.integer(0...60_000)

    /// Whether others should be told, who know `other`.
    func isNews(to other: MemberStatus) -> Bool {
        if state != other.state || (drift == nil) != (other.drift == nil) { return true }
        return abs((drift ?? 0) - (other.drift ?? 0)) >= 10 || abs((latency ?? 0) - (other.latency ?? 0)) >= 50
    }
}

/// The data of `party_status` as members send it.
struct StatusReport: WireType {
    var partyId: SessionID
    var state: PlayerState
    var drift: Double?
    var latency: Int?

    static let fields: [Schema.Field] = [
        .field("partyId", .formatted(.uuid)),
        .field("state", PlayerState.schema),
        .optional("drift", MemberStatus.driftSchema, "Milliseconds that the player is ahead of where it should be."),
        .optional("latency", MemberStatus.latencySchema, "Milliseconds there and back, as measured by `party_clock`."),
    ]
    static let schema = Schema.object(fields)
}
