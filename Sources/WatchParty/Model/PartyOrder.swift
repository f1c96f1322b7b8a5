import Core

/// A command about the film as clients send it: `party_command`.
struct PartyOrder: WireType {
    var action: Action
    /// Of the truth that it is based on.
    var sequence: Int64
    var position: Double?
    var rate: Double?
    var entryId: String?

    enum Action: String, Codable, Sendable, CaseIterable {
        case play, pause, seek, rate, select, next

        /// What one needs for it.
        var grant: PartyGrant {
            switch self {
            case .play, .pause: .play
            case .seek: .seek
            case .rate: .rate
            case .select, .next: .skip
            }
        }
    }

    static let limit = RateLimit(burst: 30, interval: .milliseconds(200))

    static let fields: [Schema.Field] = [
        .field("action", .oneOf(Action.allCases.map(\.rawValue))),
        .field("sequence", .integer(0...Int64.max), "Of the truth that the command is based on."),
        .optional("position", PartyStateView.seconds, "Seconds: where to play, pause or seek to."),
        .optional("rate", .number(RoomCommand.rates), "For `rate`."),
        .optional("entryId", .string(1...64), "For `select`: an entry of the queue."),
    ]
    static let schema = Schema.object(fields)

    /// - Throws: `Problem` 422 when something is missing that the action needs.
    func require<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw Problem.invalid("/\(name)", "\(action.rawValue) needs \(name).") }
        return value
    }
}
