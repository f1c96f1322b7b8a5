public import Core
public import WebServer

/// The talk put together: what the composition root makes once and hands around.
public struct CommunityFeature: Sendable {
    /// The HTTP API.
    public let routes: [Route]
    /// What clients ask for over the wires.
    public let commands: any CommandHandler
    /// What sessions leave behind here.
    public let belongings: any SessionBelongings

    /// - Parameters:
    ///   - access: finds what somebody holds in a session.
    ///   - sessions: what the rules have to know of sessions.
    ///   - parties: what they have to know of parties; `nil` where there are none.
    ///   - limiter: counts what people say.
    public init(
        database: any Database, access: any SessionAccess, sessions: any ChatSessions, grants: any GrantRegistry,
        names: any PersonNames, parties: (any ChatParties)? = nil, events: any EventPublisher & EventRewriter, limiter: any RateLimiter,
        rules: ChatRules = ChatRules(), clock: any WallClock = SystemWallClock()
    ) {
        let service = ChatService(
            database: database, sessions: sessions, parties: parties, grants: grants, names: names, news: ChatNews(events: events),
            limiter: limiter, rules: rules, clock: clock)
        let finder = ChatFinder(access: access, service: service)
        routes = MessageRoutes(service: service, finder: finder).routes + CommentRoutes(service: service, finder: finder).routes
            + ChatRoutes(service: service, finder: finder).routes
        commands = ChatCommands(service: service, finder: finder)
        belongings = ChatBelongings()
    }
}
