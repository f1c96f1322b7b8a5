import Core

/// Who may follow what, by the features that own the kinds of topics.
struct TopicDoors: Sendable {
    private let authorizers: [Topic.Kind: any TopicAuthorizer]

    init(_ authorizers: [any TopicAuthorizer]) {
        let named = authorizers.flatMap { authorizer in authorizer.kinds.map { ($0, authorizer) } }
        self.authorizers = Dictionary(named, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: `Problem` 401, 403 or 404 when the principal may not, or there is nobody who could say so.
    func authorize(_ principal: Principal, toFollow topic: Topic) async throws {
        guard let authorizer = authorizers[topic.kind] else { throw Problem.notFound("topic") }
        try await authorizer.authorize(principal, toFollow: topic)
    }
}
