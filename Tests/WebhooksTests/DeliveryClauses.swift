import Core
import TestSupport
import Testing

@testable import Webhooks

/// Who sends what, and what is made of how it ended.
enum DeliveryClauses {
    static let all: [WebhookContract.Clause] = [
        .init("each message is claimed once, however many ask at the same time", claimedOnce),
        .init("a lease that ran out is anybody's, and the first claim's end no longer counts", lease),
        .init("a message that each of its senders dies of is given up", crashes),
        .init("busy hosts, accounts and webhooks are passed over, whoever sends", busy),
        .init("accounts take turns, however many messages and webhooks each has", turns),
        .init("what its owner may not know any more is not sent, and is seen to be dropped", lostRights),
        .init("what waits for a webhook that is gone is forgotten", orphans),
        .init("what cannot be read is given up, and keeps nothing else waiting", unreadable),
        .init("a failure is tried again, a success is not", retries),
        .init("a message that has been through all its attempts is given up", givenUp),
        .init("an answer 410 disables the webhook", gone),
        .init("three days without a success disable the webhook, once a message is given up", failing),
        .init("a failure long after another disables nothing", lonelyFailures),
        .init("what an old URL answers says nothing about the new one", formerURL),
        .init("a URL that changed begins without troubles, one that stayed does not", troubles),
        .init("a message can be sent again under its old id", redelivery),
        .init("a message that is being sent is not restarted", redeliveryMeanwhile),
        .init("a message whose sender died can be sent again, with all its attempts before it", redeliveryAfterDeath),
        .init("only so many messages wait by hand", waiting),
        .init("old messages are removed by age, and by number", pruning),
    ]

    private static let failure = SendingOutcome.failed(.unreachable)

    private static func made(_ house: House, messages: Int = 1) async throws -> (WebhooksFeature, Webhook) {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        for _ in 0..<messages { try await house.tell(feature) }
        return (feature, webhook)
    }

    private static func claimedOnce(_ house: House) async throws {
        _ = try await made(house, messages: 5)
        let claims = try await withThrowingTaskGroup(of: ClaimedDelivery?.self) { group in
            for _ in 0..<15 { group.addTask { try await house.claim() } }
            return try await group.reduce(into: [ClaimedDelivery]()) { list, claim in claim.map { list.append($0) } }
        }
        // One that is just being taken by another is passed over, so that some may be left.
        var all = claims
        while let claim = try await house.claim() { all.append(claim) }
        #expect(all.count == 5 && Set(all.map(\.delivery.id)).count == 5 && Set(all.map(\.lease)).count == 5)
    }

    private static func lease(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        let first = try #require(try await house.claim())
        house.clock.advance(by: .milliseconds(59_999))
        #expect(try await house.claim() == nil)
        house.clock.advance(by: .milliseconds(1))
        let second = try #require(try await house.claim())
        #expect(second.delivery.id == first.delivery.id && second.attempt == 2)
        try await house.record(first, failure)
        #expect(try await house.log(webhook, feature).first?.log.map(\.error) == [.interrupted])
        #expect(try await feature.service.find(webhook.id, of: house.owner).failingSince == nil)
        try await house.record(second, .answered(status: 204, retryAfter: nil))
        let delivery = try #require(try await house.log(webhook, feature).first)
        #expect(delivery.state == .delivered && delivery.attempts == 2 && delivery.log.map(\.error) == [.interrupted, nil])
    }

    private static func crashes(_ house: House) async throws {
        let (feature, webhook) = try await made(house, messages: 1)
        for attempt in 1...7 {
            #expect(try await house.claim()?.attempt == attempt)
            house.clock.advance(by: .seconds(60))
        }
        try await house.tell(feature)
        // It does not stand in the way of the next one.
        #expect(try await house.claim()?.attempt == 1)
        #expect(try await house.claim() == nil)
        let delivery = try #require(try await house.log(webhook, feature).last)
        #expect(delivery.state == .failed && delivery.attempts == 7)
        #expect(delivery.log.map(\.error) == Array(repeating: .interrupted, count: 7))
        // That was no fault of the receiver's.
        #expect(try await feature.service.find(webhook.id, of: house.owner).failingSince == nil)
    }

    private static func busy(_ house: House) async throws {
        let feature = house.feature()
        let other = UserID(at: house.clock.now())
        house.staff.set([house.owner, other], of: house.session)
        _ = try await feature.service.create(house.wish("http://near.example/"), owner: house.owner)
        _ = try await feature.service.create(house.wish("http://near.example/2"), owner: house.owner)
        _ = try await feature.service.create(house.wish("http://far.example/"), owner: other)
        for _ in 0..<3 { try await house.tell(feature) }
        func urls(_ count: Int, _ change: (inout WebhookConfiguration) -> Void) async throws -> [String] {
            var urls: [String] = []
            for _ in 0..<count { if let claim = try await house.claim(change) { urls.append(claim.webhook.url.text) } }
            return urls.sorted()
        }
        let (near, second, far) = ("http://near.example/", "http://near.example/2", "http://far.example/")
        #expect(try await urls(9) { $0.perWebhook = 1 } == [far, near, second].sorted())
        #expect(try await urls(9) { $0.perHost = 2 } == [far])
        #expect(try await urls(9) { $0.perOwner = 3 }.count == 2)
        #expect(try await urls(9) { $0.perWebhook = 2 }.count == 1)
        // What a process that died was sending counts for as long as it may still be sent.
        house.clock.advance(by: .seconds(60))
        #expect(try await urls(9) { $0.perWebhook = 1 } == [far, near, second].sorted())
    }

    private static func turns(_ house: House) async throws {
        let feature = house.feature()
        let owners = (0..<3).map { _ in UserID(at: house.clock.now()) }.sorted { $0.description < $1.description }
        // The first has three webhooks and the most messages, and they have waited for longest.
        for (owner, count) in zip(owners, [3, 1, 1]) {
            for _ in 0..<count { _ = try await feature.service.create(house.wish(), owner: owner) }
        }
        for (managers, count) in [([owners[0]], 5), ([owners[0], owners[2]], 1), (owners, 1)] {
            house.staff.set(managers, of: house.session)
            for _ in 0..<count { try await house.tell(feature) }
        }
        var claims: [ClaimedDelivery] = []
        while let claim = try await house.claim(after: claims.last?.webhook.ownerID.description ?? "") { claims.append(claim) }
        let order = claims.map { claim in owners.firstIndex(of: claim.webhook.ownerID) }
        #expect(order.prefix(6) == [0, 1, 2, 0, 2, 0] && order.count == 7 * 3 + 2 + 1)
        // So do its webhooks among themselves.
        let first = claims.filter { $0.webhook.ownerID == owners[0] }.map(\.webhook.id)
        for round in 0..<7 { #expect(Set(first[(round * 3)..<(round * 3 + 3)]).count == 3) }
    }

    private static func lostRights(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        let failed = try #require(try await house.claim())
        try await house.record(failed, failure)
        house.clock.advance(by: .seconds(1))
        for _ in 0..<70 { try await house.tell(feature) }
        let kept = SessionID(at: house.clock.now())
        house.staff.set([house.owner], of: kept)
        house.clock.advance(by: .seconds(5))
        try await house.tell(.photoFailed, feature, in: kept)
        let ping = try await feature.service.test(webhook.id, of: house.owner)
        house.staff.set([], of: house.session)
        var claims: [ClaimedDelivery] = []
        // As many times as it takes to look at all of them.
        for _ in 0..<5 { if let claim = try await house.claim() { claims.append(claim) } }
        #expect(Set(claims.map(\.delivery.type)) == ["photo.failed", "ping"] && claims.count == 2)
        let dropped = try await house.log(webhook, feature).filter { $0.type == "photo.ready" }
        #expect(dropped.count == 71 && dropped.allSatisfy { $0.state == .cancelled && $0.reason == .notManager })
        #expect(dropped.last?.log.count == 1, "what was tried before stays in the log")
        // Neither does it come back by hand.
        let again = try await feature.service.redeliver(failed.delivery.id, of: webhook.id, owner: house.owner)
        #expect(again.state == .pending && again.reason == nil)
        #expect(try await house.claim() == nil)
        #expect(try await house.log(webhook, feature).last?.reason == .notManager)
        #expect(claims.contains { $0.delivery.id == ping.id })
    }

    private static func orphans(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        let kept = try await feature.service.create(house.wish("http://a.example/"), owner: house.owner)
        try await house.tell(feature)
        _ = try await house.database.write { try $0.execute("DELETE FROM webhooks WHERE id = \(webhook.id)") }
        #expect(try await house.claim()?.webhook == kept)
        #expect(try await house.claim() == nil)
        #expect(try await house.database.write { try DeliveryStore().pruneOrphans(limit: 9, $0) } == 2)
        #expect(try await house.database.read { try DeliveryStore().waiting(limit: 9, $0) } == 1)
    }

    private static func unreadable(_ house: House) async throws {
        let (feature, webhook) = try await made(house, messages: 3)
        let ids = try await house.log(webhook, feature).map(\.id)
        let other = try await feature.service.create(house.wish("http://a.example/"), owner: house.owner)
        try await house.tell(.photoFailed, feature)
        try await house.database.write { tx in
            try tx.execute("UPDATE webhook_deliveries SET log = '[{', lease = 'x' WHERE id = \(ids[0])")
            try tx.execute("UPDATE webhook_deliveries SET id = 'no id' WHERE id = \(ids[1])")
            try tx.execute("UPDATE webhook_deliveries SET session_id = 'none', due_at = 1 WHERE id = \(ids[2])")
            try tx.execute("UPDATE webhooks SET url = 'no URL' WHERE id = \(other.id)")
        }
        var claims: [ClaimedDelivery] = []
        for _ in 0..<8 { if let claim = try await house.claim() { claims.append(claim) } }
        #expect(claims.map(\.delivery.type) == ["photo.failed"] && claims.first?.webhook == webhook)
        let rows = try await house.database.read { tx in
            try tx.query("SELECT id, state, reason, log FROM webhook_deliveries WHERE reason = 'unreadable' AND lease IS NULL")
        }
        #expect(rows.count == 3 + 1, "what is wrong with a webhook is wrong with all that it is to be sent")
        for row in rows { #expect(try row.get("state") == "failed") }
        // The log of its owner can be read again, but for what has no name.
        try await house.database.write { _ = try $0.execute("DELETE FROM webhook_deliveries WHERE id = 'no id'") }
        let log = try await house.log(webhook, feature)
        #expect(log.filter { $0.reason == .unreadable }.map(\.id) == [ids[0], ids[2]])
    }

    private static func retries(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        try await house.record(try #require(try await house.claim()), failure)
        #expect(try await feature.service.find(webhook.id, of: house.owner).failingSince == house.clock.now())
        #expect(try await house.log(webhook, feature).first?.dueAt == house.clock.now() + .seconds(5))
        #expect(try await house.claim() == nil)
        house.clock.advance(by: .seconds(5))
        let second = try #require(try await house.claim())
        #expect(second.attempt == 2)
        try await house.record(second, .answered(status: 200, retryAfter: nil))
        let delivery = try #require(try await house.log(webhook, feature).first)
        #expect(delivery.state == .delivered && delivery.log.count == 2)
        #expect(try await feature.service.find(webhook.id, of: house.owner).failingSince == nil)
        house.clock.advance(by: .seconds(86_400))
        #expect(try await house.claim() == nil)
    }

    /// Lets the one message that is due go through all its attempts.
    private static func exhaust(_ house: House) async throws {
        for attempt in 1...RetrySchedule.pauses.count + 1 {
            let claim = try #require(try await house.claim())
            #expect(claim.attempt == attempt)
            try await house.record(claim, failure)
            if attempt <= RetrySchedule.pauses.count { house.clock.advance(by: RetrySchedule.pauses[attempt - 1]) }
        }
    }

    private static func givenUp(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        try await exhaust(house)
        let delivery = try #require(try await house.log(webhook, feature).first)
        #expect(delivery.state == .failed && delivery.attempts == 7 && delivery.log.count == 7)
        #expect(try await feature.service.find(webhook.id, of: house.owner).state == .enabled)
        house.clock.advance(by: .seconds(86_400))
        #expect(try await house.claim() == nil)
    }

    private static func gone(_ house: House) async throws {
        let (feature, webhook) = try await made(house, messages: 2)
        try await house.record(try #require(try await house.claim()), .answered(status: 410, retryAfter: nil))
        #expect(try await feature.service.find(webhook.id, of: house.owner).state == .gone)
        #expect(try await house.states(webhook, feature).sorted() == ["photo.ready cancelled", "photo.ready failed"])
        try await house.tell(feature)
        #expect(try await house.claim() == nil)
    }

    private static func failing(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        try await exhaust(house)
        house.clock.advance(by: .seconds(3 * 86_400))
        try await house.tell(feature)
        house.clock.advance(by: .seconds(1))
        try await house.tell(feature)
        let second = try #require(try await house.claim())
        try await house.record(second, failure)
        // One that is not given up says nothing yet, even after all that time.
        #expect(try await feature.service.find(webhook.id, of: house.owner).state == .enabled)
        let third = try #require(try await house.claim())
        try await house.record(third, .answered(status: 302, retryAfter: nil))
        var last = third
        for pause in RetrySchedule.pauses {
            house.clock.advance(by: pause)
            while let claim = try await house.claim() {
                last = claim
                try await house.record(claim, failure)
            }
        }
        #expect(last.attempt == 7)
        let disabled = try await feature.service.find(webhook.id, of: house.owner)
        #expect(disabled.state == .failing && disabled.failingSince != nil)
    }

    private static func lonelyFailures(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        try await house.record(try #require(try await house.claim()), failure)
        house.clock.advance(by: .seconds(10 * 86_400))
        try await house.record(try #require(try await house.claim()), failure)
        #expect(try await feature.service.find(webhook.id, of: house.owner).state == .enabled)
    }

    private static func formerURL(_ house: House) async throws {
        let (feature, webhook) = try await made(house, messages: 5)
        var claims: [ClaimedDelivery] = []
        for _ in 0..<5 { claims.append(try #require(try await house.claim())) }
        _ = try await feature.service.replace(webhook.id, by: house.wish("http://new.example/"), of: house.owner)
        try await house.record(claims[0], .answered(status: 410, retryAfter: nil))
        try await house.record(claims[1], failure)
        try await house.record(claims[2], .answered(status: 200, retryAfter: nil))
        let after = try await feature.service.find(webhook.id, of: house.owner)
        #expect(after.state == .enabled && after.failingSince == nil)
        // What the old URL did not take, the new one is sent at once; each as one more attempt.
        var again: [ClaimedDelivery] = []
        while let claim = try await house.claim() { again.append(claim) }
        #expect(Set(again.map(\.delivery.id)) == Set(claims[0...1].map(\.delivery.id)))
        #expect(again.allSatisfy { $0.webhook.url.host == "new.example" && $0.attempt == 2 })
        // The new one's own answers count, and an old one's success does not hide its failures.
        try await house.record(again[0], failure)
        try await house.record(claims[3], .answered(status: 200, retryAfter: nil))
        #expect(try await feature.service.find(webhook.id, of: house.owner).failingSince == house.clock.now())
        try await house.record(again[1], .answered(status: 410, retryAfter: nil))
        #expect(try await feature.service.find(webhook.id, of: house.owner).state == .gone)
    }

    private static func troubles(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        try await house.record(try #require(try await house.claim()), failure)
        let service = feature.service
        #expect(try await service.replace(webhook.id, by: house.wish(), of: house.owner).failingSince != nil)
        #expect(try await service.replace(webhook.id, by: house.wish("http://b/"), of: house.owner).failingSince == nil)
    }

    private static func redelivery(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        let first = try #require(try await house.claim())
        try await house.record(first, .answered(status: 200, retryAfter: nil))
        let again = try await feature.service.redeliver(first.delivery.id, of: webhook.id, owner: house.owner)
        #expect(again.state == .pending && again.id == first.delivery.id && again.log.count == 1)
        let second = try #require(try await house.claim())
        #expect(second.delivery.id == first.delivery.id && second.body == first.body && second.attempt == 1)
        try await house.record(second, failure)
        // One that waits for its next attempt comes at once.
        _ = try await feature.service.redeliver(first.delivery.id, of: webhook.id, owner: house.owner)
        #expect(try await house.claim()?.attempt == 1)
        let missing = DeliveryID(at: house.clock.now())
        #expect(await code {
            try await feature.service.redeliver(missing, of: webhook.id, owner: house.owner)
        } == "not_found")
    }

    private static func redeliveryMeanwhile(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        let claim = try #require(try await house.claim())
        _ = try await feature.service.redeliver(claim.delivery.id, of: webhook.id, owner: house.owner)
        #expect(try await house.claim() == nil)
        try await house.record(claim, .answered(status: 200, retryAfter: nil))
        #expect(try await house.states(webhook, feature) == ["photo.ready delivered"])
    }

    private static func redeliveryAfterDeath(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        for _ in 1...6 {
            _ = try #require(try await house.claim())
            house.clock.advance(by: .seconds(60))
        }
        let dead = try #require(try await house.claim())
        house.clock.advance(by: .seconds(60))
        _ = try await feature.service.redeliver(dead.delivery.id, of: webhook.id, owner: house.owner)
        // Should it live after all: its end comes too late.
        try await house.record(dead, failure)
        #expect(try await house.claim()?.attempt == 1)
    }

    private static func waiting(_ house: House) async throws {
        let feature = house.feature { $0.mostWaiting = 2 }
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        let first = try await feature.service.test(webhook.id, of: house.owner)
        #expect(first.type == "ping" && first.state == .pending)
        _ = try await feature.service.test(webhook.id, of: house.owner)
        #expect(await code { try await feature.service.test(webhook.id, of: house.owner) } == "too_many_waiting")
        let json: JSONValue = try JSON.decode(from: try #require(try await house.claim()).body)
        #expect(json["type"] == "ping" && json["data"]?["webhookId"]?.stringValue == webhook.id.description)
    }

    private static func pruning(_ house: House) async throws {
        let (feature, webhook) = try await made(house)
        try await house.record(try #require(try await house.claim()), .answered(status: 200, retryAfter: nil))
        house.clock.advance(by: .seconds(10))
        let cut = house.clock.now()
        for _ in 0..<4 {
            house.clock.advance(by: .seconds(1))
            try await house.tell(feature)
        }
        let store = DeliveryStore()
        let newest = try await house.log(webhook, feature).prefix(2).map(\.id)
        #expect(try await house.database.write { try store.prune(endedBefore: cut, limit: 9, $0) } == 1)
        #expect(try await house.database.read { try store.crowded(beyond: 4, limit: 9, $0) } == [])
        #expect(try await house.database.read { try store.crowded(beyond: 2, limit: 9, $0) } == [webhook.id])
        #expect(try await house.database.write { try store.prune(webhook.id, beyond: 2, limit: 9, $0) } == 2)
        #expect(try await house.log(webhook, feature).map(\.id) == newest)
        #expect(try await house.database.read { try store.waiting(limit: 9, $0) } == 2)
    }
}
