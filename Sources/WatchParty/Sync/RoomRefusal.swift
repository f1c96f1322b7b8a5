import Core

/// Why a command changed nothing.
enum RoomRefusal: Error, Equatable {
    /// It is based on a truth that is over.
    case stale
    /// There is no film to do it to.
    case nothingShown
    /// A value breaks a rule; the field's name in the command.
    case invalid(field: String, String)

    /// As the client sees it.
    /// - Parameter state: the truth there is, for whoever acted on another one.
    func problem(state: JSONValue) -> Problem {
        switch self {
        case .stale: Problem(409, "stale", "Somebody else was quicker; this is how it is now.", members: ["state": state])
        case .nothingShown: .conflict("nothing_shown", "There is no film to do this to.")
        case .invalid(let field, let detail): .invalid("/\(field)", detail)
        }
    }
}
