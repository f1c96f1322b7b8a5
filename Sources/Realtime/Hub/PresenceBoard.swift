import Core
import NIOConcurrencyHelpers
import NIOCore

/// Tells each session how many follow it, and who, over all nodes, at most twice a second.
///
/// Each node looks at all followers and tells all of them. So it listens to what the others tell, too, and does not say it
/// again; two that count at the same moment may still say the same.
final class PresenceBoard: Sendable {
    private struct State: Sendable {
        /// What each session was told last, by whichever node; only sessions that somebody here follows.
        var told: [SessionID: Presence] = [:]
        /// Followers here.
        var counts: [SessionID: Int] = [:]
        /// Sessions with news.
        var changed: Set<SessionID> = []
        var isScheduled = false
        var isReviewing = false
    }

    /// Of its events: a newer one takes the place of an older.
    private static let key = "presence"
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

    /// Who follows the session.
    func presence(in session: SessionID) async -> Presence {
        Presence(session, await registry.attendance(of: .session(session), limit: Presence.limit))
    }

    /// - Parameter member: whose connection it is.
    func joined(_ session: SessionID, _ member: PresenceMember) {
        registry.enter(.session(session), member)
        change(session, by: 1)
    }

    func left(_ session: SessionID, _ member: PresenceMember) {
        registry.leave(.session(session), member)
        change(session, by: -1)
    }

    /// Takes note of what was told, here or on another node.
    func heard(_ event: EphemeralEvent) {
        guard event.key == Self.key, case .session(let session) = event.topic,
            event.name == RealtimeEvents.userJoined.name || event.name == RealtimeEvents.userLeft.name,
            state.withLockedValue({ $0.counts[session] != nil }),
            let presence: Presence = try? JSON.decode(from: event.data)
        else { return }
        state.withLockedValue { if $0.counts[session] != nil { $0.told[session] = presence } }
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

    /// Looks at every session that somebody here follows.
    func reviewAll() async {
        let goesOn = state.withLockedValue { state in
            state.changed.formUnion(state.counts.keys)
            state.isReviewing = !state.counts.isEmpty
            return state.isReviewing
        }
        await tell()
        if goesOn { eventLoop.scheduleTask(in: Self.review) { Task { await self.reviewAll() } } }
    }

    /// Tells the sessions with news, as far as it is other than what was told.
    func tell() async {
        let changed = state.withLockedValue { state in
            state.isScheduled = false
            defer { state.changed = [] }
            return state.changed
        }
        for session in changed {
            let now = await presence(in: session)
            let before = state.withLockedValue { state in
                defer { state.told[session] = state.counts[session] == nil ? nil : now }
                return state.told[session] ?? Presence(session, Attendance(count: 0, members: [], isSample: false))
            }
            if !now.says(noMoreThan: before), let event = try? event(now, since: before) { send(event) }
        }
    }

    /// Of the people of a large session those who follow it were told some when they joined; more would cost more than it is worth.
    private func event(_ now: Presence, since before: Presence) throws -> EphemeralEvent {
        let type = now.count < before.count ? RealtimeEvents.userLeft : RealtimeEvents.userJoined
        var said = now
        if now.sampled { said.people = [] }
        return try EphemeralEvent(topic: .session(now.sessionId), type: type, key: Self.key, data: said, at: clock.now())
    }
}
