import Core

/// What can be done in a party over the wires. What is said in it is the chat's.
enum PartyCommand: String, Sendable, CaseIterable {
    case command = "party_command"
    case status = "party_status"
    case queue = "party_queue"
    case reaction = "party_reaction"

    /// The row of the event table.
    var type: EventType {
        EventType(rawValue, sender: .client, durability: .ephemeral, payload: .object(fields), aliases: aliases, about: about)
    }

    private static let party = Schema.Field.field("partyId", .formatted(.uuid))

    private var fields: [Schema.Field] {
        switch self {
        case .command: [Self.party] + PartyOrder.fields
        case .status: StatusReport.fields
        case .queue: [Self.party] + QueueOrder.fields
        case .reaction: [Self.party, .field("emoji", .string(1...Emoji.maxBytes))]
        }
    }

    private var aliases: [String] {
        switch self {
        case .command: ["partyCommand", "party:command"]
        case .status: ["partyStatus", "party:status"]
        case .queue: ["partyQueue", "party:queue"]
        case .reaction: ["partyReaction", "party:reaction"]
        }
    }

    private var about: String {
        switch self {
        case .command: "Plays, pauses, seeks, changes the rate or the film; the `ack` has the truth. Based on another truth it is refused with that."
        case .status: "Says what one's player does: when that changes, and after as many seconds as the `ack` says in `nextIn`."
        case .queue: "Adds to the queue, takes out, orders and votes; the `ack` has the queue."
        case .reaction: "Lets an emoji float by on everybody's screen."
        }
    }
}

/// What is to be done with the queue, as `party_queue` has it.
struct QueueOrder: WireType {
    enum Action: String, Codable, Sendable, CaseIterable {
        case add, remove, move, vote, unvote, skip, unskip
    }

    var action: Action
    var mediaId: PhotoID?
    var entryId: String?
    var index: Int?

    static let fields: [Schema.Field] = [
        .field("action", .oneOf(Action.allCases.map(\.rawValue))),
        .optional("mediaId", .formatted(.uuid), "For `add`: a film."),
        .optional("entryId", .string(1...64), "For `remove`, `move`, `vote` and `unvote`."),
        .optional("index", .integer(0...Int64(QueueRules.maxEntries)), "For `move`."),
    ]
    static let schema = Schema.object(fields)

    /// - Throws: `Problem` 422 when something is missing that the action needs.
    func change() throws -> PartyService.QueueChange {
        switch action {
        case .add: .add(try require(mediaId, "mediaId"))
        case .remove: .remove(try require(entryId, "entryId"))
        case .move: .move(try require(entryId, "entryId"), to: try require(index, "index"))
        case .vote, .unvote: .vote(try require(entryId, "entryId"), isFor: action == .vote)
        case .skip, .unskip: .skip(action == .skip)
        }
    }

    private func require<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw Problem.invalid("/\(name)", "\(action.rawValue) needs \(name).") }
        return value
    }
}
