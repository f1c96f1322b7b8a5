import Core

/// What the host decides about a party.
struct PartySettings: Codable, Sendable, Equatable {
    /// Nobody new comes in.
    var isLocked = false
    /// People who can be there at the same time.
    var capacity = 50
    /// Seconds that the others wait for somebody whose film has stopped; 0 for not at all.
    var waitSeconds = 10
    var grants = PartyGrants()

    static let capacities = 2...1000
    static let waits = 0...120

    static let fields: [Schema.Field] = [
        .optional("isLocked", .boolean, "Nobody new comes in; who was there may come back."),
        .optional("capacity", .integer(Int64(capacities.lowerBound)...Int64(capacities.upperBound)), "People who can be there at once; 50 unless said."),
        .optional("waitSeconds", .integer(Int64(waits.lowerBound)...Int64(waits.upperBound)), "How long the others wait for somebody whose film has stopped; 10 unless said, 0 for not at all."),
        .optional("grants", PartyGrants.schema, "What controllers and viewers may do; hosts may everything."),
    ]
}

/// What is needed to create a party.
struct NewParty: WireType {
    var title: String
    var mediaIds: [PhotoID]?
    var isLocked: Bool?
    var capacity: Int?
    var waitSeconds: Int?
    var grants: PartyGrants?

    static let schema = Schema.object([
        .field("title", .string(1...200)),
        .optional("mediaIds", .array(of: .formatted(.uuid), count: 0...QueueRules.maxEntries), "Films for the queue, the first to be shown first."),
    ] + PartySettings.fields)
}

/// A change to a party: what is missing stays as it is.
struct PartyChange: WireType {
    var title: String?
    var isLocked: Bool?
    var capacity: Int?
    var waitSeconds: Int?
    var grants: PartyGrants?

    static let schema = Schema.object([.optional("title", .string(1...200))] + PartySettings.fields)

    func apply(to settings: inout PartySettings) {
        settings.isLocked = isLocked ?? settings.isLocked
        settings.capacity = capacity ?? settings.capacity
        settings.waitSeconds = waitSeconds ?? settings.waitSeconds
        settings.grants = grants ?? settings.grants
    }
}

extension PartySettings {
    init(_ new: NewParty) {
        self.init()
        PartyChange(isLocked: new.isLocked, capacity: new.capacity, waitSeconds: new.waitSeconds, grants: new.grants).apply(to: &self)
    }
}
