import Core
import Database
import Synchronization
import TestSupport
import Testing

@testable import Broker

@Suite(.enabled(if: LocalRedis.isInstalled, "redis-server is not installed"), .serialized)
struct `Without Redis` {
    /// How long Redis stays away.
    private static let outage: Duration = isSoak ? .seconds(10) : .seconds(2)

    @Test("Redis is killed for ten seconds and comes back empty: followers are served meanwhile, nothing is lost or doubled")
    func killed() async throws {
        let redis = try await LocalRedis()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            let epoch = fleet.a.broker.epoch
            let isEnough = Mutex(false)
            async let count = {
                var number = 0
                while !isEnough.withLock({ $0 }) {
                    try await fleet.nodes[number % 2].publish(number)
                    number += 1
                    try await Task.sleep(for: .milliseconds(5))
                }
                return number
            }()
            try await fleet.b.receiver.received(50)
            try await redis.kill()
            try await fleet.degraded()
            let missed = try await Self.serve(fleet, until: .now + Self.outage)
            #expect(fleet.a.broker.messagesDropped > 0)
            try await redis.start()
            try await fleet.healthy()
            try await fleet.a.receiver.received(fleet.a.receiver.durable.count + 50)
            isEnough.withLock { $0 = true }
            let published = try await count
            for node in fleet.nodes {
                try await node.receiver.received(published)
                #expect(node.receiver.durable.map(\.offset) == (1...published).map(Int64.init))
                #expect(node.receiver.losses == 0)
            }
            #expect(fleet.a.receiver.durable == fleet.b.receiver.durable)
            #expect(Set(fleet.a.receiver.data).count == published)
            // Whoever was gone during the outage, at whichever server, gets exactly what was missed.
            #expect(fleet.nodes.allSatisfy { $0.broker.epoch == epoch })
            for node in fleet.nodes {
                let history = try await node.broker.history(of: topic, after: missed, limit: 10_000)
                #expect(history.isComplete && history.events.map(\.offset) == ((missed + 1)...Int64(published)).map { $0 })
            }
        }
    }

    /// Looks all the time whether every node serves its own, and says that it is degraded.
    /// - Returns: the offset of the last event before.
    private static func serve(_ fleet: Fleet, until end: ContinuousClock.Instant) async throws -> Int64 {
        let before = fleet.a.receiver.durable.last?.offset ?? 0
        var turns = 0
        repeat {
            for node in fleet.nodes {
                // Durable events of both nodes still come, ephemeral ones of its own at once.
                try await node.receiver.received(node.receiver.durable.count + 10)
                let heard = node.receiver.ephemeral.count
                node.broker.send(progress(turns))
                #expect(node.receiver.ephemeral.count == heard + 1)
                #expect(node.broker.health != .healthy)
            }
            turns += 1
        } while .now < end
        return before
    }

    @Test("a server that hangs is given up, and used again when it wakes")
    func hangs() async throws {
        let redis = try await LocalRedis()
        var configuration = try RedisConfiguration.local(redis)
        configuration.timeout = .milliseconds(300)
        configuration.beat = .milliseconds(200)
        try await Fleet.with(configuration) { fleet in
            try await fleet.healthy()
            redis.pause()
            try await fleet.a.publish(1)
            try await fleet.b.publish(2)
            for node in fleet.nodes { try await node.receiver.received(2) }
            try await fleet.degraded()
            redis.resume()
            try await fleet.healthy()
            try await fleet.b.publish(3)
            for node in fleet.nodes {
                try await node.receiver.received(3)
                #expect(node.receiver.durable.map(\.offset) == [1, 2, 3])
            }
        }
    }

    @Test("a fleet starts without Redis, works, and finds it later")
    func startsWithout() async throws {
        let redis = try await LocalRedis()
        try await redis.stop()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.b.publish(1, 2)
            for node in fleet.nodes { try await node.receiver.received(2) }
            #expect(fleet.a.broker.health != .healthy)
            fleet.b.broker.presence.enter(topic, "ann")
            #expect(await fleet.b.broker.presence.count(of: topic) == 1)
            #expect(await fleet.a.broker.presence.count(of: topic) == 0)
            let limit = RateLimit(burst: 1, interval: .seconds(3600))
            #expect(await fleet.a.broker.limiter.take("k", limit) == nil)
            #expect(await fleet.a.broker.limiter.take("k", limit) != nil)
            try await redis.start()
            try await fleet.healthy()
            _ = try await eventually("presence made up for") {
                await fleet.a.broker.presence.count(of: topic) == 1 ? true : nil
            }
        }
    }

    @Test("a leave that Redis did not hear of is made up for")
    func staleMember() async throws {
        let redis = try await LocalRedis(.init(isPersistent: true))
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            for member in ["ann", "ben"] as [PresenceMember] { fleet.b.broker.presence.enter(topic, member) }
            _ = try await eventually("both") { await fleet.a.broker.presence.count(of: topic) == 2 ? true : nil }
            try await redis.kill()
            try await fleet.degraded()
            fleet.b.broker.presence.leave(topic, "ben")
            try await redis.start()
            _ = try await eventually("one left", within: .seconds(20)) {
                await fleet.a.broker.presence.members(of: topic, limit: 9) == ["ann"] ? true : nil
            }
        }
    }
}

@Suite(.enabled(if: LocalRedis.isInstalled, "redis-server is not installed"), .serialized)
struct `Relay lease` {
    @Test("when the node that relays dies, the other goes on within seconds, in order, nothing missing or doubled")
    func takeOver() async throws {
        let redis = try await LocalRedis()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            try await fleet.a.publish(1)
            for node in fleet.nodes { try await node.receiver.received(1) }
            let holder = try await fleet.holder()
            let (dying, living) = (holder.isA ? fleet.a : fleet.b, holder.isA ? fleet.b : fleet.a)
            try await dying.die()
            let died = ContinuousClock.now
            try await living.publish(2)
            try await living.publish(3)
            try await living.receiver.received(3)
            #expect(.now - died < .seconds(5))
            #expect(living.receiver.durable.map(\.event) == (1...3).map { event($0) })
            #expect(try await living.cable.read { try LeaseStore.row("outbox", in: $0) }?.term == holder.term + 1)
        }
    }

    @Test("a relay that was overtaken without noticing numbers nothing more, and order is kept")
    func overtaken() async throws {
        let redis = try await LocalRedis()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            try await fleet.a.publish(1)
            for node in fleet.nodes { try await node.receiver.received(1) }
            // As after a pause longer than the expiry: somebody else has the lease, and numbers.
            let outbox = fleet.a.outbox
            try await fleet.a.cable.write { transaction in
                let seen = try LeaseStore.row("outbox", in: transaction)
                _ = try LeaseStore.take("outbox", as: "another", from: seen, in: transaction)
                try outbox.publish(event(2), in: transaction)
                try OutboxStore.number(limit: 9, in: transaction)
                try outbox.publish(event(3), in: transaction)
            }
            _ = try await eventually("the end of its turn") { fleet.nodes.contains(where: \.outbox.isRelaying) ? nil : true }
            #expect(try await fleet.a.cable.read { try OutboxStore.latest(in: $0) } == 2)
            // The other shows no sign of life, so one of the two goes on.
            for node in fleet.nodes {
                try await node.receiver.received(3)
                #expect(node.receiver.durable.map(\.event) == (1...3).map { event($0) })
            }
            #expect(try await fleet.a.cable.read { try LeaseStore.row("outbox", in: $0) }?.term == 3)
        }
    }

    @Test("a node that stops gives the lease back at once")
    func standDown() async throws {
        let redis = try await LocalRedis()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            try await fleet.a.publish(1)
            for node in fleet.nodes { try await node.receiver.received(1) }
            let holder = try await fleet.holder()
            let (leaving, staying) = (holder.isA ? fleet.a : fleet.b, holder.isA ? fleet.b : fleet.a)
            try await leaving.stop()
            let stopped = ContinuousClock.now
            try await staying.publish(2)
            try await staying.receiver.received(2)
            #expect(.now - stopped < .milliseconds(1900))
        }
    }
}

extension Fleet {
    /// Whose relay has the lease.
    fileprivate func holder() async throws -> (isA: Bool, term: Int64) {
        let row = try await a.cable.read { try LeaseStore.row("outbox", in: $0) }
        guard let row else { throw Tool.Failure(description: "nobody relays") }
        return (a.outbox.isRelaying, row.term)
    }
}
