public import Core

/// Who may follow what is told to one account: that person alone, on all their devices. Keys may not: what a script was made for is
/// not what is told to people.
public struct OwnTopic: TopicAuthorizer {
    public let kinds: Set<Topic.Kind> = [.user]

    public func authorize(_ principal: Principal, toFollow topic: Topic) async throws {
        try Policy.require(principal, .followSelf)
        guard case .user(principal.userID) = topic else { throw Problem.notFound("topic") }
    }
}
