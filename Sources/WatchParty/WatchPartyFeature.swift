public import Core
public import Logging
public import WebServer

/// Parties put together: what the composition root makes once and hands around.
public struct WatchPartyFeature: Sendable {
    /// The HTTP API.
    public let routes: [Route]
    /// What clients ask for over the wires.
    public let commands: any CommandHandler
    /// Who may follow a party, who comes to it, and what it is like.
    public let door: any TopicAuthorizer & PartyVisitors & PartyStateReader
    /// What the chat has to know.
    public let chat: any ChatParties
    /// What sessions leave behind here.
    public let belongings: any SessionBelongings
    /// What goes on without being asked.
    public let keeper: PartyKeeper

    /// - Parameters:
    ///   - access: finds what somebody holds in a session.
    ///   - sessions: keeps the sessions that parties are.
    ///   - films: finds what can be watched.
    ///   - limiter: counts what people do.
    public init(
        database: any Database, access: any SessionAccess, sessions: any PartySessions, films: any FilmLibrary,
        grants: any GrantRegistry & SessionMemberships,
        names: any PersonNames, events: any EventPublisher, limiter: any RateLimiter, clock: any WallClock = SystemWallClock(),
        logger: Logger
    ) {
        let service = PartyService(
            database: database, sessions: sessions, films: films, grants: grants, names: NameBook(grants: grants, names: names),
            news: PartyNews(events: events), limiter: limiter, floor: PartyFloor(), alarm: PartyAlarm(), clock: clock, logger: logger)
        let finder = PartyFinder(access: access)
        routes = PartyRoutes(service: service, finder: finder).routes + PartyMemberRoutes(service: service, finder: finder).routes
            + PartyQueueRoutes(service: service, finder: finder).routes + SubtitleRoutes(service: service, finder: finder).routes
        commands = PartyCommands(service: service, access: access)
        door = PartyDoor(service: service, access: access)
        chat = service
        belongings = PartyBelongings()
        keeper = PartyKeeper(service: service)
    }
}
