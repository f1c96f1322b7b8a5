public import Core

/// What somebody is in a party.
public enum PartyRole: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// Runs it: may everything, and hands it over when leaving.
    case host
    /// May what the host leaves to controllers.
    case controller
    /// May what the host leaves to everybody.
    case viewer
}

/// One thing that can be done in a party.
public enum PartyGrant: String, Sendable, Codable, CaseIterable {
    /// To play and to pause.
    case play
    case seek
    /// To change how fast the film runs.
    case rate
    /// To put films into the queue, to order it, and to say which is shown.
    case queue
    /// To go on to the next film without a vote.
    case skip
    case chat
    /// To show others out.
    case kick
}

/// What each role may do; a host may everything.
struct PartyGrants: Codable, Sendable, Equatable {
    var controller: [PartyGrant] = [.play, .seek, .rate, .queue, .skip, .chat]
    var viewer: [PartyGrant] = [.play, .seek, .queue, .chat]

    func held(by role: PartyRole) -> Set<PartyGrant> {
        switch role {
        case .host: Set(PartyGrant.allCases)
        case .controller: Set(controller)
        case .viewer: Set(viewer)
        }
    }

    static let schema = Schema.object([
        .field("controller", names), .field("viewer", names),
    ])

    static let names = Schema.array(of: .oneOf(PartyGrant.allCases.map(\.rawValue)), count: 0...PartyGrant.allCases.count)
}
