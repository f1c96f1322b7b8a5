/// What an operator may decide about links.
public struct ShareLinkSettings: Sendable, Equatable {
    /// How long the log of a link's uses goes back.
    public var logRetention = Duration.seconds(30 * 86_400)
    /// Uses of one link that are kept at most.
    public var loggedUses = 1000
    /// Links of one session.
    public var linksPerSession = 200

    public init() {}
}
