import Core
import WebServer

/// Finds what the caller holds in the party that a path leads to.
struct PartyFinder: Sendable {
    let access: any SessionAccess

    var partyInPath: Route.ResourceFinder {
        { principal, parameters in
            guard let id = SessionID(parameters["id"] ?? "") else { return .house }
            return try await access.resource(principal, id)
        }
    }
}

extension Call {
    /// Who asks, as somebody in the party at hand.
    func actor() throws -> Actor { try Actor(principal, in: resource) }

    func party() throws -> SessionID { try id(of: "party") }

    /// Whom the path names; `nil` for what can name nobody.
    var person: Person? { Person(parameters["person"] ?? "") }

    /// The entry of a queue that the path names.
    var entry: String { parameters["entry"] ?? "" }

    /// Whether the caller may let others in.
    var isStaff: Bool { Policy.allows(principal, .manageParty, resource) == .allow }
}
