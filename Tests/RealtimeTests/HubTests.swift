import Core
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Sockets
import Testing

@testable import Realtime

@Suite("The hub")
struct HubTests {
    static let session = SessionID(at: Timestamp(milliseconds: 1))
    static let other = SessionID(at: Timestamp(milliseconds: 2))

    /// A follower that notes what it is given, on its event loop.
    final class Listener: Subscriber {
        var offsets: [Int64] = []
        var messages: [PreparedMessage] = []
        var latest: [String] = []
        var losses = 0

        /// How many runs were delivered since the last flush.
        var unflushed = 0
        var flushes = 0

        func deliver(_ run: TopicRun) -> Bool {
            for event in run.events {
                switch event.kind {
                case .durable(let offset):
                    offsets.append(offset)
                    messages.append(event.json)
                case .ephemeral(let key): latest.append(key)
                }
            }
            unflushed += 1
            return true
        }
        func flush() { (flushes, unflushed) = (flushes + 1, 0) }
        var queuedBytes = 0
        func reconsider() {}
        func showOut(_ eviction: Eviction) {}
        func showOutForLoss() { losses += 1 }
    }

    static func event(_ session: SessionID, _ offset: Int64) -> PublishedEvent {
        PublishedEvent(
            event: DurableEvent(topic: .session(session), name: "new_photo", data: "{}"), offset: offset,
            at: Timestamp(milliseconds: 0))
    }

    /// A hub of one event loop, and a listener that was made there.
    private static func withListener(
        _ prepare: @escaping @Sendable (Hub, Listener, HubShard) throws -> Void = { $2.subscribe($1, to: .session(session)) },
        _ body: (Hub, any EventLoop, NIOLoopBound<Listener>) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(eventLoops: group)
        let loop = group.next()
        let listener = try await loop.submit { () -> NIOLoopBound<Listener> in
            let listener = Listener()
            try prepare(hub, listener, #require(hub.shard(of: loop)))
            return NIOLoopBound(listener, eventLoop: loop)
        }.get()
        try await body(hub, loop, listener)
        try await group.shutdownGracefully()
    }

    @Test("gives each event to every follower of its topic on every loop, in order, and to nobody else")
    func fanOut() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hub = Hub(eventLoops: group)
        for loop in group.makeIterator() {
            let (right, wrong) = try await loop.submit { () -> (NIOLoopBound<Listener>, NIOLoopBound<Listener>) in
                let (right, wrong) = (Listener(), Listener())
                hub.shard(of: loop)?.subscribe(right, to: .session(Self.session))
                hub.shard(of: loop)?.subscribe(wrong, to: .session(Self.other))
                return (NIOLoopBound(right, eventLoop: loop), NIOLoopBound(wrong, eventLoop: loop))
            }.get()
            for offset in 1...100 { hub.receive(Self.event(Self.session, Int64(offset))) }
            // Submitted behind the deliveries, so it runs after them.
            try await loop.submit {
                #expect(right.value.offsets == Array(1...100))
                #expect(wrong.value.offsets.isEmpty)
                hub.shard(of: loop)?.unsubscribe(right.value, from: .session(Self.session))
                #expect(hub.shard(of: loop)?.hasFollowers(of: .session(Self.session)) == false)
            }.get()
        }
        try await group.shutdownGracefully()
    }

    @Test("what comes in one turn of a loop is one run for each follower, whose frames are those of its events, and is flushed")
    func oneRun() async throws {
        try await Self.withListener { hub, listener, shard in
            shard.subscribe(listener, to: .session(Self.session))
            // All of them before the loop has its next turn.
            for offset in 1...10 { hub.receive(Self.event(Self.session, Int64(offset))) }
        } _: { _, loop, listener in
            try await loop.submit {
                #expect(listener.value.offsets == Array(1...10))
                #expect((listener.value.flushes, listener.value.unflushed) == (1, 0))
            }.get()
        }
    }

    @Test("encodes an event once for all followers")
    func encodesOnce() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(eventLoops: group)
        let loop = group.next()
        let listeners = try await loop.submit { () -> NIOLoopBound<[Listener]> in
            let listeners = (0..<10).map { _ in Listener() }
            for listener in listeners { hub.shard(of: loop)?.subscribe(listener, to: .session(Self.session)) }
            return NIOLoopBound(listeners, eventLoop: loop)
        }.get()
        hub.receive(Self.event(Self.session, 1))
        try await loop.submit {
            let messages = listeners.value.compactMap(\.messages.first)
            #expect(messages.count == 10 && messages.allSatisfy { $0 === messages[0] })
        }.get()
        try await group.shutdownGracefully()
    }

    @Test("an ephemeral event carries a key that tells topics, names and senders apart")
    func ephemeralKeys() async throws {
        try await Self.withListener { hub, loop, listener in
            for key in ["a", "b", "a"] {
                hub.receive(
                    try EphemeralEvent(
                        topic: .session(Self.session), type: RealtimeEvents.userJoined, key: key,
                        data: Presence(Self.session, Attendance(count: 1, members: [], isSample: false)), at: Timestamp(milliseconds: 0)))
            }
            try await loop.submit {
                #expect(listener.value.latest.count == 3 && Set(listener.value.latest).count == 2)
            }.get()
        }
    }

    @Test("a loss reaches every connection on every loop, whatever it follows; ephemeral events reach the observer, too")
    func loss() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hub = Hub(eventLoops: group)
        let observed = NIOLockedValueBox<[String]>([])
        hub.observe { event in observed.withLockedValue { $0.append(event.key) } }
        for loop in group.makeIterator() {
            let listener = try await loop.submit { () -> NIOLoopBound<Listener> in
                let listener = Listener()
                hub.shard(of: loop)?.add(listener)
                return NIOLoopBound(listener, eventLoop: loop)
            }.get()
            hub.receiveLoss()
            try await loop.submit {
                #expect(listener.value.losses == 1)
                hub.shard(of: loop)?.remove(listener.value)
            }.get()
        }
        hub.receive(
            EphemeralEvent(
                topic: .session(Self.other), name: "user_left", key: "k", data: "{}", at: Timestamp(milliseconds: 0)))
        #expect(observed.withLockedValue { $0 } == ["k"])
        try await group.shutdownGracefully()
    }

    @Test("an event that comes after a loss is not handed out, for who got it would not know of what is missing")
    func lossFirst() async throws {
        try await Self.withListener { hub, listener, shard in
            shard.add(listener)
            shard.subscribe(listener, to: .session(Self.session))
            hub.receive(Self.event(Self.session, 1))
            hub.receiveLoss()
            hub.receive(Self.event(Self.session, 300))
        } _: { hub, loop, listener in
            try await loop.submit {
                #expect(listener.value.offsets.isEmpty && listener.value.losses == 1)
                hub.shard(of: loop)?.remove(listener.value)
            }.get()
        }
    }

    @Test("calls its observer at the same depth of the stack, however many events came before")
    func observerDepth() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(eventLoops: group)
        let addresses = NIOLockedValueBox<[UInt]>([])
        hub.observe { _ in
            var local = 0
            let address = withUnsafePointer(to: &local) { UInt(bitPattern: $0) }
            addresses.withLockedValue { $0.append(address) }
        }
        let event = EphemeralEvent(
            topic: .session(Self.other), name: "user_left", key: "k", data: "{}", at: Timestamp(milliseconds: 0))
        for _ in 0..<1000 { hub.receive(event) }
        let (first, last) = addresses.withLockedValue { ($0[0], $0[999]) }
        #expect(first == last)
        try await group.shutdownGracefully()
    }
}
