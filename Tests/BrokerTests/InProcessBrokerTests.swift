import Broker
import Core
import Database
import Testing

@Suite struct `In-process broker` {
    @Test("keeps the contract", arguments: BrokerContract.all, [OutboxNumbering.onAppend, .byRelay])
    func contract(_ clause: BrokerContract.Clause, _ numbering: OutboxNumbering) async throws {
        try await House.with(numbering: numbering) { house in
            let (database, outbox) = (house.database, house.outbox)
            try await house.relaying {
                try await clause.check(
                    house.broker,
                    { events in
                        try await database.write { for event in events { try outbox.publish(event, in: $0) } }
                        try await database.numbered()
                    },
                    house.receiver)
            }
        }
    }

    @Test("the epoch stays with the database")
    func epoch() async throws {
        try await House.with { house in
            #expect(try await InProcessBroker(database: house.database).epoch == house.broker.epoch)
            try await House.with { other in #expect(other.broker.epoch != house.broker.epoch) }
        }
    }

    @Test("a rolled-back event is never seen")
    func rollBack() async throws {
        struct Refused: Error {}
        try await House.with { house in
            try await house.relaying {
                let outbox = house.outbox
                try? await house.database.write { transaction in
                    try outbox.publish(event(1), in: transaction)
                    throw Refused()
                }
                try await house.publish(event(2))
                try await house.receiver.received(1)
                #expect(house.receiver.durable.map(\.event) == [event(2)])
            }
        }
    }
}
