import Core
import Database
import TestSupport
import Testing

@testable import Broker

private let redis = Once { try await LocalRedis() }

private func telling(_ text: String, of subject: String? = "message") -> DurableEvent {
    var event = DurableEvent(topic: topic, name: "new_message", data: "{\"text\":\"\(text)\"}")
    event.subject = subject
    return event
}

private let blank = "{\"text\":\"\"}"

extension Outbox {
    fileprivate func blankMessage(of topic: Topic = topic, in database: any Database) async throws {
        try await database.write { try self.rewrite("message", of: topic, as: blank, in: $0) }
    }
}

@Suite struct `An event that is rewritten` {
    @Test("says something else in the history, in its place, and the others stay", arguments: [OutboxNumbering.onAppend, .byRelay])
    func history(_ numbering: OutboxNumbering) async throws {
        try await House.with(numbering: numbering) { house in
            try await house.relaying {
                try await house.publish(telling("a"), telling("b", of: "another"), telling("c"), telling("d", of: nil))
                try await house.receiver.received(4)
                try await house.outbox.blankMessage(of: otherTopic, in: house.database)
                #expect(try await house.broker.history(of: topic, after: 0, limit: 9).events == house.receiver.durable)
                try await house.outbox.blankMessage(in: house.database)
                let history = try await house.broker.history(of: topic, after: 0, limit: 9)
                #expect(history.isComplete && history.events.map(\.offset) == house.receiver.durable.map(\.offset))
                #expect(history.events.map(\.event.data) == [blank, house.receiver.data[1], blank, house.receiver.data[3]])
            }
        }
    }

    @Test("before it is published is published as it is now")
    func waiting() async throws {
        try await House.with { house in
            try await house.publish(telling("a"))
            try await house.outbox.blankMessage(in: house.database)
            try await house.relaying { try await house.receiver.received(1) }
            #expect(house.receiver.data == [blank])
        }
    }

    @Test("as the latest that was published is not taken for another past: nothing is lost or comes twice")
    func mark() async throws {
        try await House.with { house in
            let epoch = house.broker.epoch
            try await house.relaying {
                try await house.publish(telling("a"))
                try await house.receiver.received(1)
                try await house.outbox.blankMessage(in: house.database)
                try await house.publish(event(2))
                try await house.receiver.received(2)
            }
            // By a relay that knows only how it is now, too.
            try await house.relaying {
                try await house.publish(event(3))
                try await house.receiver.received(3)
            }
            #expect(house.receiver.losses == 0 && house.broker.epoch == epoch)
            #expect(house.receiver.durable.map(\.offset) == [1, 2, 3])
        }
    }

    @Test("another event in its place is another past nevertheless")
    func otherPast() async throws {
        try await House.with(numbering: .onAppend) { house in
            try await house.publish(telling("a"))
            let mark = try await house.database.read { try OutboxStore.latestMark(in: $0) }
            try await house.outbox.blankMessage(in: house.database)
            #expect(try await house.database.read { try OutboxStore.entries(from: mark, limit: 9, in: $0) }?.isEmpty == true)
            try await house.database.write { try $0.execute("UPDATE outbox SET created_at = created_at + 1") }
            #expect(try await house.database.read { try OutboxStore.entries(from: mark, limit: 9, in: $0) } == nil)
        }
    }

    @Test("on one of several nodes is heard of by none of them as a loss", .enabled(if: LocalRedis.isInstalled))
    func fleet() async throws {
        try await Fleet.with(.local(try await redis.value)) { fleet in
            try await fleet.healthy()
            let (database, outbox) = (fleet.a.cable, fleet.a.outbox)
            try await database.write { try outbox.publish(telling("a"), in: $0) }
            for node in fleet.nodes { try await node.receiver.received(1) }
            try await outbox.blankMessage(in: database)
            for number in 2...5 { try await fleet.nodes[number % 2].publish(number) }
            for node in fleet.nodes {
                try await node.receiver.received(5)
                #expect(node.receiver.losses == 0 && node.receiver.durable.map(\.offset) == Array(1...5))
            }
            #expect(try await fleet.b.broker.history(of: topic, after: 0, limit: 9).events.first?.event.data == blank)
        }
    }
}
