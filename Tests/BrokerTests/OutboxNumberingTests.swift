import Core
import Database
import TestSupport
import Testing

@testable import Broker

@Suite struct `Outbox numbering` {
    @Test("an event whose transaction ends late comes after those that were seen before it, whatever its id")
    func lateCommit() async throws {
        try await House.with { house in
            try await house.relaying {
                try await house.insert(id: 6, number: 6)
                house.outbox.wake()
                try await house.receiver.received(1)
                // Took its id earlier and committed later, as PostgreSQL allows.
                try await house.insert(id: 5, number: 5)
                house.outbox.wake()
                try await house.receiver.received(2)
            }
            #expect(house.receiver.durable.map(\.event) == [event(6), event(5)])
            #expect(house.receiver.durable.map(\.offset) == [1, 2])
            let missed = try await house.broker.history(of: topic, after: 1, limit: 9)
            #expect(missed.isComplete && missed.events.map(\.event) == [event(5)])
        }
    }

    @Test("events left by a relay that numbers are numbered after a change to numbering on append")
    func change() async throws {
        try await House.with { house in
            try await house.publish(event(1), event(2))
            let outbox = Outbox(transport: house.broker, numbering: .onAppend)
            try await house.database.write { try outbox.publish(event(3), in: $0) }
            let relay = OutboxRelay(
                database: house.database, outbox: outbox, transport: house.broker, changes: AsyncStream { nil })
            let running = Task { try await relay.run() }
            try await house.receiver.received(3)
            running.cancel()
            try await running.value
            #expect(house.receiver.durable.map(\.event) == [event(3), event(1), event(2)])
            #expect(house.receiver.durable.map(\.offset) == [1, 2, 3])
        }
    }

    @Test("two relays that both believe to be the one number everything once")
    func fencing() async throws {
        try await House.with { house in
            let term = try await house.database.write { transaction in
                try LeaseStore.take("outbox", as: "a", from: nil, in: transaction)
            }
            let old = try #require(term)
            let seen = try await house.database.read { try LeaseStore.row("outbox", in: $0) }
            let next = try await house.database.write { try LeaseStore.take("outbox", as: "b", from: seen, in: $0) }
            #expect(next?.number == 2)
            // Too late: somebody else was faster.
            #expect(try await house.database.write { try LeaseStore.take("outbox", as: "c", from: seen, in: $0) } == nil)
            await #expect(throws: LeaseTerm.Lost.self) {
                try await house.database.write { try LeaseStore.renew(old, in: $0) }
            }
            // Giving back what is no longer ours takes it from nobody.
            try await house.database.write { try LeaseStore.release(old, in: $0) }
            #expect(try await house.database.read { try LeaseStore.row("outbox", in: $0) }?.holder == "b")
        }
    }

    @Test("offsets that clients hold from before the sequence stay valid")
    func migration() async throws {
        let folder = try TemporaryFolder("migration")
        let database = try await SQLiteDatabase.open(folder.file("test.sqlite"))
        try await Migrator.migrate(database, [BrokerMigrations.all[0]])
        try await database.write { transaction in
            for number in 1...3 {
                let event = event(number)
                try transaction.execute("""
                    INSERT INTO outbox (topic, name, data, created_at)
                    VALUES (\(event.topic.name), \(event.name), \(event.data), 0)
                    """)
            }
        }
        try await Migrator.migrate(database, BrokerMigrations.all)
        let broker = try await InProcessBroker(database: database)
        let history = try await broker.history(of: topic, after: 1, limit: 9)
        #expect(history.isComplete && history.events.map(\.offset) == [2, 3])
        try await database.close()
    }
}

extension House {
    fileprivate func insert(id: Int64, number: Int) async throws {
        let event = event(number)
        _ = try await database.write { transaction in
            try transaction.execute("""
                INSERT INTO outbox (id, topic, name, data, created_at)
                VALUES (\(id), \(event.topic.name), \(event.name), \(event.data), 0)
                """)
        }
    }
}
