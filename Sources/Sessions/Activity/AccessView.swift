import Core

/// One line of a session's access log.
struct AccessView: WireType, Equatable {
    var number: Int64
    var at: Timestamp
    var kind: AccessKind
    var link: LinkID?
    var network: String?
    var name: String?

    /// - Parameters:
    ///   - network: empty when nobody knows.
    ///   - name: empty for none.
    init(number: Int64, at: Timestamp, kind: AccessKind, link: LinkID?, network: String, name: String) {
        self.number = number
        self.at = at
        self.kind = kind
        self.link = link
        self.network = network.isEmpty ? nil : network
        self.name = name.isEmpty ? nil : name
    }

    static let schema = Schema.object([
        .field("number", .integer(1...Int64.max), "Counts up, with gaps."),
        .field("at", .formatted(.dateTime)),
        .field("kind", .oneOf(AccessKind.allCases.map(\.rawValue)), "`downloaded` once for what is saved within a few seconds."),
        .optional("link", .formatted(.uuid), "The link they came by; missing for the access code."),
        .optional("network", .string(), "Where from, without the part that tells a person: e.g. `192.0.2.0/24`. Not of downloads."),
        .optional("name", .string(), "What the guest wants to be called."),
    ])
}
