import Core
import NIOConcurrencyHelpers
import NIOCore

/// Counts who follows each session and tells the session about it, at most twice a second.
final class PresenceBoard: Sendable {
    private struct State: Sendable {
        var counts: [SessionID: Int] = [:]
        /// What each session with news was told last.
        var told: [SessionID: Int] = [:]
        var isScheduled = false
        weak var receiver: Hub?
    }

    static let interval = TimeAmount.milliseconds(500)

    private let state = NIOLockedValueBox(State())
    private let eventLoop: any EventLoop
    private let clock: any WallClock

    init(eventLoop: any EventLoop, clock: any WallClock) {
        self.eventLoop = eventLoop
        self.clock = clock
    }

    func announce(through hub: Hub) { state.withLockedValue { $0.receiver = hub } }

    /// How many follow the session.
    func count(of session: SessionID) -> Int { state.withLockedValue { $0.counts[session] ?? 0 } }

    func joined(_ session: SessionID) { change(session, by: 1) }

    func left(_ session: SessionID) { change(session, by: -1) }

    private func change(_ session: SessionID, by step: Int) {
        let mustSchedule = state.withLockedValue { state in
            let old = state.counts[session] ?? 0
            if state.told[session] == nil { state.told[session] = old }
            state.counts[session] = old + step == 0 ? nil : old + step
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { eventLoop.scheduleTask(in: Self.interval) { self.tell() } }
    }

    private func tell() {
        let (news, hub) = state.withLockedValue { state in
            let news = state.told.map { News(session: $0.key, before: $0.value, now: state.counts[$0.key] ?? 0) }
            state.told = [:]
            state.isScheduled = false
            return (news, state.receiver)
        }
        for item in news where item.before != item.now {
            guard let event = try? item.event(at: clock.now()) else { continue }
            hub?.receive(event)
        }
    }

    private struct News: Sendable {
        var session: SessionID
        var before: Int
        var now: Int

        func event(at time: Timestamp) throws -> EphemeralEvent {
            let type = now > before ? RealtimeEvents.userJoined : RealtimeEvents.userLeft
            let data = Presence(sessionId: session, count: now)
            return try EphemeralEvent(topic: .session(session), type: type, key: "presence", data: data, at: time)
        }
    }
}
