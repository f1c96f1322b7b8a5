import Core
import Database
import Foundation
import Logging
import TestSupport
import Testing

@testable import Broker

/// One server for all; every test has an epoch, and so keys, of its own.
private let shared = Once { try await LocalRedis() }

@Suite(.enabled(if: LocalRedis.isInstalled, "redis-server is not installed"), .serialized)
struct `Redis broker` {
    @Test("keeps the contract", arguments: BrokerContract.all, [OutboxNumbering.onAppend, .byRelay])
    func contract(_ clause: BrokerContract.Clause, _ numbering: OutboxNumbering) async throws {
        try await Fleet.with(.local(try await shared.value), numbering: numbering) { fleet in
            try await fleet.healthy()
            let (database, outbox) = (fleet.a.cable, fleet.a.outbox)
            try await clause.check(
                fleet.a.broker,
                { events in
                    try await database.write { for event in events { try outbox.publish(event, in: $0) } }
                    try await database.numbered()
                },
                fleet.a.receiver)
        }
    }

    @Test("what either node commits reaches both, once, in one order", arguments: [OutboxNumbering.onAppend, .byRelay])
    func fanOut(_ numbering: OutboxNumbering) async throws {
        try await Fleet.with(.local(try await shared.value), numbering: numbering) { fleet in
            try await fleet.healthy()
            try await withThrowingTaskGroup { group in
                for (index, node) in fleet.nodes.enumerated() {
                    group.addTask { for number in 0..<100 { try await node.publish(index * 1000 + number) } }
                }
                try await group.waitForAll()
            }
            for node in fleet.nodes { try await node.receiver.received(200) }
            #expect(fleet.a.receiver.durable == fleet.b.receiver.durable)
            #expect(fleet.a.receiver.durable.map(\.offset) == Array(1...200))
            #expect(Set(fleet.a.receiver.data).count == 200)
            let history = try await fleet.b.broker.history(of: topic, after: 50, limit: 1000)
            #expect(history.isComplete && history.events == Array(fleet.a.receiver.durable.dropFirst(50)))
        }
    }

    @Test("nudges and messages carry events over, without anybody looking into the database by himself")
    func fastPath() async throws {
        var configuration = try RedisConfiguration.local(try await shared.value)
        configuration.poll = .seconds(3600)
        try await Fleet.with(configuration, looks: false) { fleet in
            try await fleet.healthy()
            var times: [Duration] = []
            for number in 1...40 {
                try await fleet.nodes[number % 2].publish(number)
                let committed = ContinuousClock.now
                for node in fleet.nodes { try await node.receiver.received(number) }
                times.append(.now - committed)
            }
            // Far above the usual milliseconds, far below anything that polls.
            #expect(times.sorted()[20] < .milliseconds(200), "median \(times.sorted()[20])")
        }
    }

    @Test("an event too big for a message arrives all the same, in its place")
    func bigEvent() async throws {
        var configuration = try RedisConfiguration.local(try await shared.value)
        configuration.maxMessageBytes = 4096
        try await Fleet.with(configuration) { fleet in
            try await fleet.healthy()
            let big = DurableEvent(topic: topic, name: "new_photo", data: "\"" + String(repeating: "ä", count: 5000) + "\"")
            let events = (0..<100).map { event($0) } + [big] + (100..<200).map { event($0) }
            let outbox = fleet.b.outbox
            try await fleet.b.cable.write { for event in events { try outbox.publish(event, in: $0) } }
            for node in fleet.nodes {
                try await node.receiver.received(201)
                #expect(node.receiver.durable.map(\.event) == events)
            }
        }
    }

    @Test("ephemeral events and nudges reach the other node once, and their own at once")
    func ephemeral() async throws {
        try await Fleet.with(.local(try await shared.value)) { fleet in
            try await fleet.healthy()
            let heard = fleet.nodes.map { node in
                let inbox = Inbox<String>()
                node.broker.listen(for: "upload") { inbox.push($0) }
                return inbox
            }
            for number in 1...20 { fleet.a.broker.send(progress(number)) }
            #expect(fleet.a.receiver.ephemeral.count == 20)
            fleet.a.broker.nudge("upload", "take-over")
            try await heard[1].wait(for: "the nudge") { elements, _ in elements.isEmpty ? nil : () }
            // The nudge came after them on the same connection.
            #expect(fleet.b.receiver.ephemeral == (1...20).map { progress($0) })
            #expect(fleet.a.receiver.ephemeral.count == 20)
            #expect(heard.map(\.elements) == [["take-over"], ["take-over"]])
        }
    }

    @Test("presence counts over nodes; a dead node's members leave after the expiry, and not before")
    func presence() async throws {
        let redis = try await shared.value
        var configuration = try RedisConfiguration.local(redis)
        configuration.presenceExpiry = .milliseconds(1500)
        configuration.presenceBeat = .milliseconds(200)
        try await Fleet.with(configuration) { fleet in
            try await fleet.healthy()
            fleet.a.broker.presence.enter(topic, "ann")
            fleet.a.broker.presence.enter(topic, "ben")
            fleet.b.broker.presence.enter(topic, "ben")
            fleet.b.broker.presence.enter(topic, "cid")
            _ = try await eventually("three members") { await fleet.a.broker.presence.count(of: topic) == 3 ? true : nil }
            for _ in 1...3 { try await Self.renewal(of: fleet.b.broker.node, in: redis) }
            #expect(await fleet.b.broker.presence.members(of: topic, limit: 9).sorted() == ["ann", "ben", "cid"])
            let died = ContinuousClock.now
            try await fleet.b.die()
            _ = try await eventually("the dead node's members gone", every: .milliseconds(10)) {
                await fleet.a.broker.presence.members(of: topic, limit: 9).sorted() == ["ann", "ben"] ? true : nil
            }
            #expect(.now - died < .seconds(6))
        }
    }

    /// Waits until the members of a living node are given more time.
    private static func renewal(of node: String, in redis: LocalRedis) async throws {
        let keys = try await redis.cli("--scan", "--pattern", "*presence:\(topic.name):\(node)").split(separator: "\n")
        let key = try #require(keys.first.map(String.init))
        var left = Int.max
        try await eventually("the beat", within: .seconds(20), every: .milliseconds(10)) {
            let before = left
            left = Int(try await redis.cli("PTTL", key).split(separator: "\n").first ?? "") ?? .max
            return left > before ? () : nil
        }
    }

    @Test("a rate limit is shared by the nodes, and given back by any")
    func limits() async throws {
        try await Fleet.with(.local(try await shared.value)) { fleet in
            try await fleet.healthy()
            let limit = RateLimit(burst: 10, interval: .seconds(3600))
            let granted = await withTaskGroup { group in
                for number in 0..<40 {
                    let limiter = fleet.nodes[number % 2].broker.limiter
                    group.addTask { await limiter.take("login:1", limit) == nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(granted == 10)
            await fleet.a.broker.limiter.refund("login:1", limit)
            #expect(await fleet.b.broker.limiter.take("login:1", limit) == nil)
            let short = RateLimit(burst: 1, interval: .seconds(1))
            #expect(await fleet.a.broker.limiter.take("code", short) == nil)
            let wait = try #require(await fleet.b.broker.limiter.take("code", short))
            #expect(wait <= .seconds(1))
            // A refusal costs nothing.
            _ = try await eventually("the next token") { await fleet.b.broker.limiter.take("code", short) == nil ? true : nil }
        }
    }

    @Test("scripts that the server forgot are sent again")
    func forgottenScripts() async throws {
        let redis = try await shared.value
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            _ = try await redis.cli("SCRIPT", "FLUSH")
            let limit = RateLimit(burst: 1, interval: .seconds(3600))
            #expect(await fleet.a.broker.limiter.take("k", limit) == nil)
            // Counted by Redis, not by the node that asked first.
            #expect(await fleet.b.broker.limiter.take("k", limit) != nil)
        }
    }
    @Test("presence is right again after the server forgot its scripts")
    func presenceWithoutScripts() async throws {
        let redis = try await shared.value
        var configuration = try RedisConfiguration.local(redis)
        configuration.presenceBeat = .milliseconds(100)
        try await Fleet.with(configuration) { fleet in
            try await fleet.healthy()
            _ = try await redis.cli("SCRIPT", "FLUSH")
            fleet.a.broker.presence.enter(topic, "ann")
            _ = try await eventually("ann at the other node", within: .seconds(5)) {
                await fleet.b.broker.presence.members(of: topic, limit: 9) == ["ann"] ? true : nil
            }
            _ = try await redis.cli("SCRIPT", "FLUSH")
            // A leave that comes while the enter is made up for is not overtaken by it.
            fleet.a.broker.presence.enter(topic, "ben")
            fleet.a.broker.presence.leave(topic, "ben")
            fleet.a.broker.presence.enter(topic, "cid")
            _ = try await eventually("cid and not ben", within: .seconds(5)) {
                await fleet.b.broker.presence.members(of: topic, limit: 9).sorted() == ["ann", "cid"] ? true : nil
            }
        }
    }

    @Test("a bucket that is full only far ahead, as after the server's clock was set back, fills from now on")
    func clockSetBack() async throws {
        let redis = try await shared.value
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            let (limiter, limit) = (fleet.a.broker.limiter, RateLimit(burst: 2, interval: .seconds(1)))
            let tomorrow = SystemWallClock().now().milliseconds + 86_400_000
            let key = "lumiere:\(fleet.a.broker.house):limit:k"
            _ = try await redis.cli("SET", key, "\(tomorrow)000", "PX", "172800000")
            let wait = try #require(await limiter.take("k", limit))
            #expect(wait > .zero && wait <= .seconds(1))
            _ = try await eventually("the next token", within: .seconds(5)) { await limiter.take("k", limit) == nil ? true : nil }
            // It goes when the bucket is full.
            #expect(Int(try await redis.cli("PTTL", key).trimmed) ?? .max <= 2000)
        }
    }

    @Test("a worker's broker tells what happened and neither hears nor reads anything")
    func publisher() async throws {
        let redis = try await shared.value
        var configuration = try RedisConfiguration.local(redis)
        configuration.presenceBeat = .milliseconds(20)
        try await Fleet.with(configuration) { fleet in
            try await fleet.healthy()
            configuration.poll = .milliseconds(5)
            let cable = Cable(fleet.a.cable.database)
            let worker = try await RedisBroker(
                database: cable, configuration: configuration, role: .publisher,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let receiver = Receiver()
            worker.subscribe(receiver)
            let running = Task { await worker.run() }
            _ = try await eventually("the worker's connection") { worker.health == .healthy ? true : nil }
            let outbox = Outbox(transport: worker, numbering: .byRelay)
            for number in 1...20 { try await cable.write { try outbox.publish(event(number), in: $0) } }
            outbox.send(progress())
            for node in fleet.nodes {
                try await node.receiver.received(20)
                try await node.receiver.inbox.wait(for: "progress") { _, _ in node.receiver.ephemeral.isEmpty ? nil : () }
            }
            #expect(cable.reads == 0 && receiver.durable.isEmpty)
            // The two servers and nobody else.
            let listeners = try await redis.cli("PUBSUB", "NUMSUB", "lumiere:\(worker.house):nodes")
            #expect(listeners.trimmed.hasSuffix("\n2"), "\(listeners)")
            running.cancel()
            await running.value
        }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
