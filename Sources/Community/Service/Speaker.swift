import Core

/// Who does something in a chat, once the policy has let them.
struct Speaker: Sendable, Equatable {
    var person: Person
    /// Whether they run the chat.
    var isModerator: Bool

    /// - Parameter resource: the chat's session, with what the principal holds there.
    /// - Throws: `Problem` 401 for a stranger.
    init(_ principal: Principal, in resource: Resource) throws {
        guard let person = Person(principal) else { throw Problem.unauthorized() }
        self.person = person
        isModerator = Policy.allows(principal, .moderateChat, resource) == .allow
    }
}
