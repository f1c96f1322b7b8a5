import Core
import Crypto
import Foundation
import TestSupport
import Testing

@testable import Webhooks

/// Messages on their way to a real receiver.
@Suite(.enabled(if: WebhookReceiver.isAvailable)) struct SendingTests {
    private static func make(
        _ house: House, _ feature: WebhooksFeature, url: String
    ) async throws -> Webhook {
        try await feature.service.create(house.wish(url), owner: house.owner)
    }

    /// Moves the clock past the pause before a message's next attempt.
    private static func skipPause(_ house: House, _ webhook: Webhook, _ feature: WebhooksFeature, after attempt: Int) async throws {
        try await eventually("attempt \(attempt) to be recorded") {
            try await house.log(webhook, feature).first?.log.count == attempt ? () : nil
        }
        house.clock.advance(by: RetrySchedule.pauses[attempt - 1])
    }

    @Test func `a message is sent until it is taken, signed anew each time under the same id`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["500", "500", "200"])
            let feature = house.feature()
            let webhook = try await Self.make(house, feature, url: receiver.url)
            try await house.sending(feature) {
                try await house.tell(feature)
                try await Self.skipPause(house, webhook, feature, after: 1)
                try await Self.skipPause(house, webhook, feature, after: 2)
                let delivery = try #require(try await house.settled(webhook, feature, [.delivered]).first)
                #expect(delivery.log.map(\.status) == [500, 500, 200])
                let messages = try await receiver.wait(for: 3)
                #expect(Set(messages.map { $0.headers["webhook-id"] }) == [delivery.id.description])
                #expect(Set(messages.map(\.body)).count == 1)
                let start = delivery.createdAt.milliseconds / 1000
                #expect(messages.map { $0.headers["webhook-timestamp"] } == [start, start + 5, start + 65].map(String.init))
                for message in messages {
                    #expect(message.path == "/hook" && message.headers["content-type"] == "application/json")
                    #expect(message.headers["host"] == "127.0.0.1:\(receiver.port)")
                    #expect(try Self.isSigned(message, by: webhook.secret))
                }
                #expect(try await feature.service.find(webhook.id, of: house.owner).failingSince == nil)
            }
        }
    }

    private static func isSigned(_ message: WebhookReceiver.Message, by secret: WebhookSecret) throws -> Bool {
        let id = try #require(message.headers["webhook-id"])
        let time = try #require(message.headers["webhook-timestamp"])
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(time).\(message.body)".utf8), using: SymmetricKey(data: secret.key))
        return message.headers["webhook-signature"] == "v1," + Data(code).base64EncodedString()
    }

    @Test(arguments: [
        ("hang", nil, .timeout), ("close", nil, .broken), ("redirect", 302, nil), ("404", 404, nil),
    ] as [(String, Int?, SendingFailure?)])
    func `whatever is no success is a failure`(step: String, status: Int?, error: SendingFailure?) async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver([step])
            let feature = house.feature { $0.totalTimeout = step == "hang" ? .milliseconds(300) : .seconds(10) }
            let webhook = try await Self.make(house, feature, url: receiver.url)
            try await house.sending(feature) {
                try await house.tell(feature)
                let entry = try await eventually("an attempt") { try await house.log(webhook, feature).first?.log.first }
                #expect(entry.status == status && entry.error == error)
                let messages = try receiver.messages()
                #expect(messages.map(\.path) == ["/hook"], "a redirect is not followed")
            }
        }
    }

    @Test func `an answer without end counts by its status, and is not listened to`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["endless"])
            let feature = house.feature()
            let webhook = try await Self.make(house, feature, url: receiver.url)
            try await house.sending(feature) {
                try await house.tell(feature)
                let delivery = try #require(try await house.settled(webhook, feature, [.delivered]).first)
                #expect(try #require(delivery.log.first).duration < 10_000)
            }
        }
    }

    @Test(arguments: [false, true])
    func `the status decides, however slowly the rest of an answer comes`(isSecure: Bool) async throws {
        try await House.with { house in
            let certificates = isSecure ? try await TestCertificates(in: house.folder) : nil
            let receiver = try await WebhookReceiver(["drip"], certificates: certificates)
            let feature = house.feature {
                // Listening would take longer than waiting.
                ($0.totalTimeout, $0.answerPatience) = (.seconds(3), .seconds(3))
                $0.authorities = certificates?.authority
            }
            let url = receiver.url.replacingOccurrences(of: "http:", with: isSecure ? "https:" : "http:")
            let webhook = try await Self.make(house, feature, url: url)
            try await house.sending(feature) {
                try await house.tell(feature)
                let entry = try await eventually("an attempt") { try await house.log(webhook, feature).first?.log.first }
                #expect(entry.status == 200 && entry.error == nil)
                // Three seconds of patience, and with TLS another one for the farewell.
                #expect((3000..<7000).contains(entry.duration))
                #expect(try await house.states(webhook, feature) == ["photo.ready delivered"])
            }
        }
    }

    @Test func `what comes before the answer is not the answer`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["early"])
            let feature = house.feature()
            let webhook = try await Self.make(house, feature, url: receiver.url)
            try await house.sending(feature) {
                try await house.tell(feature)
                #expect(try await house.settled(webhook, feature, [.delivered]).first?.log.map(\.status) == [200])
            }
        }
    }

    @Test func `a receiver that asks for patience is given it`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["503+120"])
            let feature = house.feature()
            let webhook = try await Self.make(house, feature, url: receiver.url)
            try await house.sending(feature) {
                try await house.tell(feature)
                let due = try await eventually("an attempt") {
                    try await house.log(webhook, feature).first.flatMap { $0.log.count == 1 ? $0.dueAt : nil }
                }
                #expect(due == house.clock.now() + .seconds(120))
            }
        }
    }

    @Test func `the number of messages that wait is kept up to date`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            let feature = house.feature { $0.gaugeInterval = .milliseconds(20) }
            let webhook = try await Self.make(house, feature, url: receiver.url)
            let waiting = Inbox<Int>()
            try await house.sending(feature, metrics: WebhookMetrics { waiting.push($0) }) {
                try await waiting.wait(for: "nothing to wait") { list, _ in list.last == 0 ? () : nil }
                try await house.database.write { tx in
                    for _ in 0..<3 {
                        try DeliveryStore().insert(
                            DeliveryID(at: house.clock.now()), to: webhook.id, of: house.owner, about: nil, type: "ping",
                            body: "{}", at: house.clock.now(), tx)
                    }
                    try tx.execute("UPDATE webhook_deliveries SET due_at = \(house.clock.now() + .seconds(60))")
                }
                try await waiting.wait(for: "three to wait") { list, _ in list.last == 3 ? () : nil }
                house.clock.advance(by: .seconds(60))
                try await waiting.wait(for: "nothing to wait again") { list, _ in list.last == 0 ? () : nil }
            }
        }
    }

    @Test func `410 ends it`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["410"])
            let feature = house.feature()
            let webhook = try await Self.make(house, feature, url: receiver.url)
            try await house.sending(feature) {
                try await house.tell(feature)
                _ = try await house.settled(webhook, feature, [.failed])
                #expect(try await feature.service.find(webhook.id, of: house.owner).state == .gone)
            }
        }
    }

    @Test func `a receiver that was killed gets its message when it is back`() async throws {
        try await House.with { house in
            let first = try await WebhookReceiver(["200"])
            let feature = house.feature()
            let webhook = try await Self.make(house, feature, url: first.url)
            try await first.kill9()
            try await house.sending(feature) {
                try await house.tell(feature)
                try await Self.skipPause(house, webhook, feature, after: 1)
                try await eventually("the second attempt") {
                    try await house.log(webhook, feature).first?.log.count == 2 ? () : nil
                }
                #expect(try await house.log(webhook, feature).first?.log.map(\.error) == [.unreachable, .unreachable])
                let second = try await WebhookReceiver(["200"], port: first.port)
                house.clock.advance(by: RetrySchedule.pauses[1])
                _ = try await house.settled(webhook, feature, [.delivered])
                #expect(try second.messages().count == 1)
            }
        }
    }

    @Test func `a message whose sender died is sent by the next one, under the same id`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["hang", "200"])
            let first = house.feature()
            let webhook = try await Self.make(house, first, url: receiver.url)
            try await house.sending(first) {
                try await house.tell(first)
                try await receiver.wait(for: 1)
            }
            #expect(try await house.states(webhook, first) == ["photo.ready pending"])
            let second = house.feature()
            try await house.sending(second) {
                house.clock.advance(by: .seconds(60))
                let delivery = try #require(try await house.settled(webhook, second, [.delivered]).first)
                #expect(delivery.attempts == 2 && delivery.log.map(\.error) == [.interrupted, nil])
            }
            let messages = try receiver.messages()
            #expect(messages.count == 2 && Set(messages.map { $0.headers["webhook-id"] }).count == 1)
        }
    }

    @Test func `several senders share the work, and nothing is sent twice`() async throws {
        try await House.with { house in
            let receiver = try await WebhookReceiver(["200"])
            let (here, there) = (house.feature(), house.feature())
            let webhook = try await Self.make(house, here, url: receiver.url)
            for _ in 0..<30 { try await house.tell(here) }
            try await house.sending(here) {
                try await house.sending(there) {
                    _ = try await house.settled(webhook, here, Array(repeating: .delivered, count: 30))
                }
            }
            let messages = try receiver.messages()
            #expect(messages.count == 30 && Set(messages.map { $0.headers["webhook-id"] }).count == 30)
        }
    }

    @Test func `a host that hangs keeps no others waiting`() async throws {
        try await House.with { house in
            let (slow, quick) = (try await WebhookReceiver(["hang"]), try await WebhookReceiver(["200"]))
            let feature = house.feature()
            let names = Names(addresses: ["slow.test": ["127.0.0.1"], "quick.test": ["127.0.0.1"]])
            let hanging = try await Self.make(house, feature, url: "http://slow.test:\(slow.port)/")
            for _ in 0..<20 { try await house.tell(feature) }
            let webhook = try await Self.make(house, feature, url: "http://quick.test:\(quick.port)/")
            try await house.tell(feature)
            try await house.sending(feature, names: names) {
                _ = try await house.settled(webhook, feature, [.delivered])
                try await slow.wait(for: 2)
                #expect(try slow.messages().count == 2, "no more than two to one webhook")
                #expect(try await house.states(hanging, feature).allSatisfy { $0 == "photo.ready pending" })
            }
        }
    }

    @Test func `an account all of whose receivers hang keeps no other account waiting`() async throws {
        try await House.with { house in
            let (slow, quick) = (try await WebhookReceiver(["hang"]), try await WebhookReceiver(["200"]))
            let feature = house.feature { ($0.concurrency, $0.perOwner) = (4, 3) }
            let names = Names(addresses: ["quick.test": ["127.0.0.1"]])
            for _ in 0..<5 { _ = try await Self.make(house, feature, url: slow.url) }
            for _ in 0..<5 { try await house.tell(feature) }
            try await house.sending(feature, names: names) {
                try await slow.wait(for: 3)
                let other = UserID(at: house.clock.now())
                house.staff.set([other], of: house.session)
                let webhook = try await feature.service.create(house.wish("http://quick.test:\(quick.port)/"), owner: other)
                for _ in 0..<5 { try await house.tell(feature) }
                _ = try await house.settled(webhook, feature, Array(repeating: .delivered, count: 5))
                #expect(try slow.messages().count == 3)
            }
        }
    }
}
