import Core
import NIOConcurrencyHelpers
import NIOCore

/// Tells each session how many follow it, over all nodes, at most twice a second.
final class PresenceBoard: Sendable {
    private struct State: Sendable {
        /// What each session was told last; only sessions that somebody here follows.
        var told: [SessionID: Int] = [:]
        /// Followers here.
        var counts: [SessionID: Int] = [:]
        /// Sessions with news.
        var changed: Set<SessionID> = []
        var isScheduled = false
        var isReviewing = false
    }

    static let interval = TimeAmount.milliseconds(500)
    /// Between two looks at everything: nobody tells of the followers of a node that has died.
    static let review = TimeAmount.seconds(10)

    private let state = NIOLockedValueBox(State())
    private let eventLoop: any EventLoop
    private let registry: any PresenceRegistry
    private let clock: any WallClock
    private let send: @Sendable (EphemeralEvent) -> Void

    /// - Parameter send: brings an event to the followers on every node.
    init(
        eventLoop: any EventLoop, registry: any PresenceRegistry, clock: any WallClock,
        send: @escaping @Sendable (EphemeralEvent) -> Void
    ) {
        self.eventLoop = eventLoop
        self.registry = registry
        self.clock = clock
        self.send = send
    }

    /// How many follow the session.
    func count(of session: SessionID) async -> Int { await registry.count(of: .session(session)) }

    /// - Parameter member: names the connection.
    func joined(_ session: SessionID, _ member: String) {
        registry.enter(.session(session), member)
        change(session, by: 1)
    }

    func left(_ session: SessionID, _ member: String) {
        registry.leave(.session(session), member)
        change(session, by: -1)
    }

    private func change(_ session: SessionID, by step: Int) {
        let (mustSchedule, mustReview) = state.withLockedValue { state in
            let count = (state.counts[session] ?? 0) + step
            state.counts[session] = count == 0 ? nil : count
            state.changed.insert(session)
            defer { (state.isScheduled, state.isReviewing) = (true, true) }
            return (!state.isScheduled, !state.isReviewing)
        }
        if mustSchedule { eventLoop.scheduleTask(in: Self.interval) { Task { await self.tell() } } }
        if mustReview { eventLoop.scheduleTask(in: Self.review) { Task { await self.reviewAll() } } }
    }

    private func reviewAll() async {
        let goesOn = state.withLockedValue { state in
            state.changed.formUnion(state.counts.keys)
            state.isReviewing = !state.counts.isEmpty
            return state.isReviewing
        }
        await tell()
        if goesOn { eventLoop.scheduleTask(in: Self.review) { Task { await self.reviewAll() } } }
    }

    private func tell() async {
        let changed = state.withLockedValue { state in
            state.isScheduled = false
            defer { state.changed = [] }
            return state.changed
        }
        for session in changed {
            let now = await count(of: session)
            let before = state.withLockedValue { state in
                defer { state.told[session] = state.counts[session] == nil ? nil : now }
                return state.told[session] ?? 0
            }
            if now != before, let event = try? event(session, before: before, now: now) { send(event) }
        }
    }

    private func event(_ session: SessionID, before: Int, now: Int) throws -> EphemeralEvent {
        let type = now > before ? RealtimeEvents.userJoined : RealtimeEvents.userLeft
        let data = Presence(sessionId: session, count: now)
        return try EphemeralEvent(topic: .session(session), type: type, key: "presence", data: data, at: clock.now())
    }
}
