import Core
import Database
import TestSupport
import Testing

@testable import Webhooks

/// What owners do with their webhooks.
enum WebhookClauses {
    static let all: [WebhookContract.Clause] = [
        .init("a webhook comes back as it was made", comesBack),
        .init("somebody else's webhook is not there", othersAreHidden),
        .init("a session has to be one's own", sessions),
        .init("an account has only so many", limit),
        .init("a list goes on where it ended", paging),
        .init("everything that can be decided can be decided anew", replacement),
        .init("whoever enables a webhook says that its troubles are over", enabling),
        .init("a removed webhook takes its messages along", removal),
        .init("a damaged webhook is listed beside the others, and can be removed", damage),
        .init("after a rotation both secrets sign, and later only the new one", rotation),
        .init("the schema goes down and up again", migrations),
        .init("what was written before an upgrade is sent after it", upgrade),
    ]

    private static func comesBack(_ house: House) async throws {
        let service = house.feature().service
        let made = try await service.create(
            house.wish("http://A.example", [.photoFailed, .uploadCompleted], session: house.session), owner: house.owner)
        #expect(try await service.find(made.id, of: house.owner) == made)
        #expect(made.url.text == "http://a.example/" && made.state == .enabled && made.sessionID == house.session)
    }

    private static func othersAreHidden(_ house: House) async throws {
        let feature = house.feature()
        let service = feature.service
        let webhook = try await service.create(house.wish(), owner: house.owner)
        try await house.tell(feature)
        let delivery = try #require(try await house.log(webhook, feature).first)
        let (other, id) = (UserID(at: house.clock.now()), webhook.id)
        #expect(await code { try await service.find(id, of: other) } == "not_found")
        #expect(await code { try await service.replace(id, by: house.wish(), of: other) } == "not_found")
        #expect(await code { try await service.remove(id, of: other) } == "not_found")
        #expect(await code { try await service.rotate(id, of: other) } == "not_found")
        #expect(await code { try await service.test(id, of: other) } == "not_found")
        #expect(await code { try await service.redeliver(delivery.id, of: id, owner: other) } == "not_found")
        #expect(await code { try await service.deliveries(of: id, owner: other, after: nil, limit: 5) } == "not_found")
        #expect(try await service.list(of: other, after: nil, limit: 5).isEmpty)
        // Neither is a message under another webhook of the same owner.
        let second = try await service.create(house.wish(), owner: house.owner)
        #expect(await code { try await service.redeliver(delivery.id, of: second.id, owner: house.owner) } == "not_found")
        #expect(try await service.find(id, of: house.owner) == webhook)
    }

    private static func sessions(_ house: House) async throws {
        let service = house.feature().service
        let strange = SessionID(at: house.clock.now())
        #expect(await code { try await service.create(house.wish(session: strange), owner: house.owner) } == "not_found")
        let other = UserID(at: house.clock.now())
        #expect(await code { try await service.create(house.wish(session: house.session), owner: other) } == "not_found")
        let webhook = try await service.create(house.wish(session: house.session), owner: house.owner)
        #expect(await code {
            try await service.replace(webhook.id, by: house.wish(session: strange), of: house.owner)
        } == "not_found")
        // Who lost the session can still disable the webhook.
        house.staff.set([], of: house.session)
        let wish = house.wish(session: house.session, isEnabled: false)
        #expect(try await service.replace(webhook.id, by: wish, of: house.owner).state == .disabled)
    }

    private static func limit(_ house: House) async throws {
        let service = house.feature { $0.perAccount = 3 }.service
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<6 {
                group.addTask { await code { try await service.create(house.wish(), owner: house.owner) } }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 3)
        #expect(codes.filter { $0 == "too_many_webhooks" }.count == 3)
        #expect(await code { try await service.create(house.wish("ftp://a/"), owner: house.owner) } == "invalid_field")
    }

    private static func paging(_ house: House) async throws {
        let service = house.feature().service
        var made: [WebhookID] = []
        for number in 0..<5 {
            // Two at a time share a moment.
            if number % 2 == 0 { house.clock.advance(by: .seconds(1)) }
            made.append(try await service.create(house.wish(), owner: house.owner).id)
        }
        var (found, cursor): ([WebhookID], Cursor?) = ([], nil)
        while true {
            let page = try await service.list(of: house.owner, after: cursor, limit: 2)
            guard let last = page.last else { break }
            found += page.map(\.id)
            cursor = Cursor(key: last.createdAt.milliseconds, id: last.id.description)
        }
        #expect(found == made.sorted().reversed())
    }

    private static func replacement(_ house: House) async throws {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        try await house.tell(feature)
        house.clock.advance(by: .seconds(1))
        var wish = house.wish("http://b.example/", [.photoReady], session: house.session, isEnabled: false)
        wish.name = "other"
        let changed = try await feature.service.replace(webhook.id, by: wish, of: house.owner)
        #expect(try await feature.service.find(webhook.id, of: house.owner) == changed)
        #expect(changed.name == "other" && changed.url.host == "b.example" && changed.events == [.photoReady])
        #expect(changed.sessionID == house.session && changed.state == .disabled && changed.secret == webhook.secret)
        #expect(changed.createdAt == webhook.createdAt && changed.updatedAt == house.clock.now())
        // What it had not been told yet, it is not told later.
        #expect(try await house.states(webhook, feature) == ["photo.ready cancelled"])
        #expect(await code { try await feature.service.test(webhook.id, of: house.owner) } == "webhook_disabled")
    }

    private static func enabling(_ house: House) async throws {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        try await house.tell(feature)
        try await house.record(try #require(try await house.claim()), .answered(status: 410, retryAfter: nil))
        let wish = house.wish(isEnabled: false)
        // A reason is not forgotten by disabling what is disabled.
        #expect(try await feature.service.replace(webhook.id, by: wish, of: house.owner).state == .gone)
        let enabled = try await feature.service.replace(webhook.id, by: house.wish(), of: house.owner)
        #expect(enabled.state == .enabled && enabled.failingSince == nil)
    }

    private static func removal(_ house: House) async throws {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(), owner: house.owner)
        try await house.tell(feature)
        let claim = try #require(try await house.claim())
        try await feature.service.remove(webhook.id, of: house.owner)
        #expect(await code { try await feature.service.find(webhook.id, of: house.owner) } == "not_found")
        // What was being sent ends without a trace.
        try await house.record(claim, .answered(status: 500, retryAfter: nil))
        let rows = try await house.database.read { try $0.query("SELECT id FROM webhook_deliveries") }
        #expect(rows.isEmpty)
    }

    private static func damage(_ house: House) async throws {
        let feature = house.feature()
        let service = feature.service
        var made: [Webhook] = []
        for _ in 0..<6 {
            house.clock.advance(by: .seconds(1))
            made.append(try await service.create(house.wish(), owner: house.owner))
        }
        try await house.tell(feature)
        let ids = made.map(\.id)
        try await house.database.write { tx in
            try tx.execute("UPDATE webhooks SET url = 'no URL' WHERE id = \(ids[1])")
            try tx.execute("UPDATE webhooks SET state = 'odd', name = \(String(repeating: "x", count: 500)) WHERE id = \(ids[2])")
            try tx.execute("UPDATE webhooks SET secret = '' WHERE id = \(ids[3])")
            try tx.execute("UPDATE webhooks SET id = 'no id' WHERE id = \(ids[4])")
        }
        let list = try await service.list(of: house.owner, after: nil, limit: 9)
        #expect(list.map(\.id) == [5, 3, 2, 1, 0].map { ids[$0] })
        #expect(list.first == .readable(made[5]) && list.last == .readable(made[0]))
        let views = list.map(WebhookView.init)
        #expect(views.map(\.state) == [.enabled, .unreadable, .unreadable, .unreadable, .enabled])
        #expect(views.map(\.url).suffix(2) == ["no URL", made[0].url.text] && views[2].name.count == 100)
        for view in views { try WebhookView.schema.validate(try JSON.decode(from: try JSON.encode(view))) }
        #expect(try await service.look(ids[1], of: house.owner) == list[3])
        // What needs all of it is refused, to its owner alone.
        let other = UserID(at: house.clock.now())
        #expect(await code { try await service.look(ids[1], of: other) } == "not_found")
        #expect(await code { try await service.remove(ids[1], of: other) } == "not_found")
        #expect(await code { try await service.find(ids[1], of: house.owner) } == "webhook_unreadable")
        #expect(await code { try await service.replace(ids[1], by: house.wish(), of: house.owner) } == "webhook_unreadable")
        #expect(await code { try await service.rotate(ids[1], of: house.owner) } == "webhook_unreadable")
        #expect(await code { try await service.test(ids[1], of: house.owner) } == "webhook_unreadable")
        #expect(try await service.deliveries(of: ids[1], owner: house.owner, after: nil, limit: 9).count == 1)
        // What happens is still told to the others.
        try await house.tell(feature)
        #expect(try await service.deliveries(of: ids[5], owner: house.owner, after: nil, limit: 9).count == 2)
        for index in 1...3 { try await service.remove(ids[index], of: house.owner) }
        #expect(try await service.list(of: house.owner, after: nil, limit: 9).map(\.id) == [ids[5], ids[0]])
    }

    private static func rotation(_ house: House) async throws {
        let service = house.feature().service
        let old = try await service.create(house.wish(), owner: house.owner)
        #expect(old.secrets(at: house.clock.now()) == [old.secret])
        let new = try await service.rotate(old.id, of: house.owner)
        #expect(try await service.find(old.id, of: house.owner) == new)
        #expect(new.secret != old.secret && new.secrets(at: house.clock.now()) == [new.secret, old.secret])
        house.clock.advance(by: .seconds(86_400))
        #expect(new.secrets(at: house.clock.now()) == [new.secret])
    }

    private static func migrations(_ house: House) async throws {
        let down = WebhookMigrations.all.reversed().flatMap(\.down)
        let up = WebhookMigrations.all.flatMap(\.up)
        #expect(!down.isEmpty && up.count > down.count)
        #expect(WebhookMigrations.all.allSatisfy { (600...699).contains($0.number) })
        _ = try await house.feature().service.create(house.wish(), owner: house.owner)
        let migrator = try Migrator(house.database, migrations: WebhookMigrations.all)
        _ = try await migrator.down(to: 0)
        try await migrator.up()
        #expect(try await house.feature().service.list(of: house.owner, after: nil, limit: 5).isEmpty)
    }

    private static func upgrade(_ house: House) async throws {
        let feature = house.feature()
        let webhook = try await feature.service.create(house.wish(session: house.session), owner: house.owner)
        try await house.tell(feature)
        let migrator = try Migrator(house.database, migrations: WebhookMigrations.all)
        _ = try await migrator.down(to: 601)
        try await migrator.up()
        #expect(try await house.claim()?.webhook == webhook)
    }
}
