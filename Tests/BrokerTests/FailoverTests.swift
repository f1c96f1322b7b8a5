import Core
import Database
import Logging
import TestSupport
import Testing

@testable import Broker

@Suite struct `A database that went back in time` {
    @Test("events that come after it reach followers, who were told of the loss first", arguments: [
        OutboxNumbering.onAppend, .byRelay,
    ])
    func goesOn(_ numbering: OutboxNumbering) async throws {
        try await House.with(numbering: numbering) { house in
            try await Self.check(house.database, house.broker, house.outbox, house.receiver)
        }
    }

    @Test("the same on PostgreSQL", .enabled(if: LocalPostgres.isInstalled, "PostgreSQL is not installed"))
    func postgres() async throws {
        let url = try await LocalPostgres.shared.value.freshDatabase()
        let database = try await PostgresDatabase.open(url, configuration: PostgresConfiguration())
        try await Migrator.migrate(database, BrokerMigrations.all)
        let (broker, receiver) = (try await InProcessBroker(database: database), Receiver())
        broker.subscribe(receiver)
        try await Self.check(database, broker, Outbox(transport: broker, numbering: .byRelay), receiver)
        await database.close()
    }

    @Test("followers are told although nothing new happens")
    func silence() async throws {
        var configuration = OutboxRelay.Configuration()
        configuration.poll = .milliseconds(5)
        try await House.with { house in
            try await house.relaying(configuration) {
                try await house.publish(event(1), event(2))
                try await house.receiver.received(2)
                try await house.database.goBack(to: 0)
                try await house.receiver.lost()
            }
            #expect(house.broker.epoch.isLater(of: house.broker.house))
            #expect(try await house.broker.latestOffset(of: topic) == 0)
        }
    }

    @Test("a restart without anything lost begins no new history")
    func nothingLost() async throws {
        try await House.with { house in
            for number in 1...3 {
                try await house.relaying {
                    try await house.publish(event(number))
                    try await house.receiver.received(number)
                }
            }
            #expect(house.receiver.losses == 0 && house.broker.epoch == house.broker.house)
        }
    }

    @Test("what a relay knew of the old history is not recorded in the new one")
    func lateRecord() async throws {
        try await House.with(numbering: .onAppend) { house in
            try await house.publish(event(1))
            let published = try await house.database.write { transaction in
                _ = try OutboxStore.restart(after: 0, at: Timestamp(milliseconds: 7), in: transaction)
                try OutboxStore.recordPublished(through: OutboxPosition(generation: 0, sequence: 9), in: transaction)
                return try OutboxStore.publishedMark(in: transaction).position
            }
            #expect(published == OutboxPosition(generation: 7, sequence: 1))
        }
    }

    @Test("on a fleet every node tells its followers once, and all go on in one order with one epoch",
        .enabled(if: LocalRedis.isInstalled, "redis-server is not installed"))
    func fleet() async throws {
        let redis = try await LocalRedis()
        try await Fleet.with(.local(redis)) { fleet in
            try await fleet.healthy()
            let (house, path) = (fleet.a.broker.house, fleet.a.cable)
            for number in 1...20 { try await fleet.nodes[number % 2].publish(number) }
            for node in fleet.nodes { try await node.receiver.received(20) }
            try await path.goBack(to: 15)
            for number in 21...40 { try await fleet.nodes[number % 2].publish(number) }
            for node in fleet.nodes {
                try await node.receiver.lost()
                _ = try await eventually("the new epoch") { node.broker.epoch.isLater(of: house) ? true : nil }
            }
            try await fleet.b.publish(99)
            for node in fleet.nodes {
                try await node.receiver.inbox.wait(for: "the news") { _, _ in
                    node.receiver.data.last == event(99).data ? () : nil
                }
                #expect(node.receiver.losses == 1)
            }
            // Each may have gone on at another moment, but what came since is the same.
            let (a, b) = (fleet.a.receiver.durableAfterLoss, fleet.b.receiver.durableAfterLoss)
            let count = min(a.count, b.count)
            #expect(a.suffix(count) == b.suffix(count))
            for part in [a, b] { #expect(part.map(\.offset) == ((36 - Int64(part.count) + 1)...36).map { $0 }) }
            // A server that starts now belongs to the same house and history.
            let newcomer = try await RedisBroker(
                database: path, configuration: .local(redis), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(newcomer.house == house && newcomer.epoch == fleet.a.broker.epoch)
        }
    }

    @Test("a relay that goes on from there, while Redis loses a message, makes nobody miss an event without being told",
        .enabled(if: LocalRedis.isInstalled, "redis-server is not installed"))
    func otherRelay() async throws {
        let redis = try await LocalRedis()
        // Nobody looks into the database unless something is heard that makes it necessary.
        var configuration = try RedisConfiguration.local(redis)
        configuration.poll = .seconds(3600)
        try await House.with(numbering: .onAppend) { [configuration] house in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let node = try await RedisBroker(database: house.database, configuration: configuration, logger: logger)
            let relay = try await RedisBroker(
                database: house.database, configuration: configuration, role: .publisher, logger: logger)
            let receiver = Receiver()
            node.subscribe(receiver)
            let running = [node, relay].map { broker in Task { await broker.run() } }
            _ = try await eventually("the connections") {
                [node, relay].allSatisfy { $0.health == .healthy } ? true : nil
            }
            for number in 1...6 { try await house.publish(event(number)) }
            try await relay.publish(try await house.batch(after: 0))
            try await receiver.received(6)
            // Another primary, which had not heard of the last three, and a relay that begins there: its first message is lost.
            try await house.database.goBack(to: 3)
            for number in 7...10 { try await house.publish(event(number)) }
            try await relay.publish(try await house.batch(after: 6))
            try await receiver.lost()
            #expect(node.epoch.isLater(of: node.house) && receiver.losses == 1)
            try await house.publish(event(11))
            let generation = try await house.database.read { try OutboxStore.generation(in: $0) }
            try await relay.publish(try await house.batch(after: 7, generation: generation))
            try await receiver.inbox.wait(for: "the news") { _, _ in
                receiver.data.last == event(11).data ? () : nil
            }
            #expect(receiver.durableAfterLoss.map(\.event) == [event(11)])
            for task in running { task.cancel() }
            for task in running { await task.value }
        }
    }

    /// Five events, of which the database forgets two.
    private static func check(
        _ database: any Database, _ broker: InProcessBroker, _ outbox: Outbox, _ receiver: Receiver
    ) async throws {
        let old = broker.epoch
        let relay = OutboxRelay(
            database: database, outbox: outbox, transport: broker, changes: AsyncStream { nil },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await relay.run() }
        for number in 1...5 { try await database.write { try outbox.publish(event(number), in: $0) } }
        try await receiver.received(5)
        try await database.goBack(to: 3)
        // Numbered in the transaction, these two have overtaken what was lost by the time anybody looks.
        try await database.write { transaction in
            for number in 6...7 { try outbox.publish(event(number), in: transaction) }
        }
        try await receiver.lost()
        try await database.write { try outbox.publish(event(8), in: $0) }
        try await receiver.inbox.wait(for: "the news") { _, _ in receiver.data.last == event(8).data ? () : nil }
        #expect(receiver.losses == 1 && broker.epoch != old)
        #expect(receiver.durable.last?.offset == 6)
        // A relay that numbers finds it before it does, and loses nothing that comes after.
        let since = receiver.durableAfterLoss.map(\.event)
        #expect(outbox.numbering == .onAppend || since == [event(6), event(7), event(8)])
        // A client of the old epoch is told that it is not recovered; one of the new goes on.
        let history = try await broker.history(of: topic, after: 3, limit: 9)
        #expect(history.isComplete && history.events.map(\.event) == [event(6), event(7), event(8)])
        running.cancel()
        try await running.value
    }
}
