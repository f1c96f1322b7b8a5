import Accounts
import Core
import Database
import Logging
import TestSupport
import Testing

@testable import Sessions

@Suite("Share links")
struct ShareLinkTests {
    private static let base = "https://photos.example.org"

    /// A session with its links.
    private struct Shoot {
        let house: TestHouse
        let links: ShareLinkService
        let id: SessionID

        func link(_ input: LinkInput = LinkInput(name: "Family")) async throws -> (view: LinkView, token: String) {
            let view = try await links.create(input, in: id, at: base)
            return (view, try #require(view.url.flatMap { $0.split(separator: "/").last.map(String.init) }))
        }

        func enter(_ token: String, password: String? = nil, from address: String = "192.0.2.7") async throws -> Entry {
            try await links.enter(token, name: "Bo", password: password, address: address)
        }

        func holds(_ entry: Entry) -> Bool {
            let checker = house.accounts.grantChecker
            return checker.check(entry.token) != nil && checker.check(entry.mediaToken) != nil
        }
    }

    private func withShoot(
        _ driver: TestDriver = .sqlite, _ change: (inout ShareLinkSettings) -> Void = { _ in },
        _ body: (Shoot) async throws -> Void
    ) async throws {
        var settings = ShareLinkSettings()
        change(&settings)
        try await TestHouse.with(driver) { house in
            let owner = try await house.photographer().userID!
            let session = try await house.sessions.create(title: "Wedding", owner: owner)
            try await body(Shoot(house: house, links: house.links(settings), id: session.id))
        }
    }

    private func code(_ body: () async throws -> some Any) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? Problem)?.code ?? "\(error)" }
    }

    // MARK: What a link gives

    @Test("a guest who comes by a link may do what it gives, and what that takes", arguments: [
        (nil, ["view"]), (["download"], ["view", "download"]), (["original"], ["view", "download", "original"]),
        (["select", "upload"], ["view", "upload", "select"]), (["upload"], ["upload"]),
    ] as [([String]?, [String])])
    func rights(given: [String]?, held: [String]) async throws {
        try await withShoot { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Family", rights: given))
            #expect(view.rights == held && view.url == "\(Self.base)/s/\(token)" && !view.hasPassword)
            let entry = try await shoot.enter(token)
            #expect(entry.session.rights == held && entry.session.accessCode == nil && entry.session.id == shoot.id)
            let grant = try #require(shoot.house.accounts.grantChecker.check(entry.token))
            #expect(grant.rights == Rights(names: held))
            #expect(shoot.house.accounts.grantChecker.check(entry.mediaToken)?.rights.contains(.mediaOnly) == true)
            #expect(try await shoot.house.door.resource(.guest(grant), shoot.id) == .session(shoot.id, held: grant.rights))
        }
    }

    @Test("no guest stays longer than the link, nor than any guest")
    func lifetime() async throws {
        try await withShoot { shoot in
            let end = shoot.house.clock.now() + .seconds(90_000)
            let (_, short) = try await shoot.link(LinkInput(name: "Short", expiresAt: end))
            #expect(try await shoot.enter(short).expiresAt == end)
            let (_, long) = try await shoot.link()
            #expect(try await shoot.enter(long).expiresAt <= shoot.house.clock.now() + .seconds(31 * 86_400))
            shoot.house.clock.advance(by: .seconds(90_000))
            #expect(await code { try await shoot.enter(short) } == "link_expired")
        }
    }

    @Test("who reads the database learns no token, and other keys show no URL but let guests in")
    func secrecy() async throws {
        try await withShoot { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Family", password: "rosebud"))
            let columns = try await shoot.house.database.read { tx in
                try tx.first("SELECT CAST(token_hash AS TEXT) || CAST(sealed_token AS TEXT) || password_hash AS all_of_it FROM share_links")?
                    .get("all_of_it", as: String.self)
            }
            #expect(columns?.contains(token) == false && columns?.contains("rosebud") == false)
            let others = shoot.house.links(keys: "q")
            #expect(try await others.view(view.id, in: shoot.id, at: Self.base).url == nil)
            _ = try await others.enter(token, name: nil, password: "rosebud", address: "a")
        }
    }

    @Test("a link of another session cannot be seen, changed or removed")
    func otherSessions() async throws {
        try await withShoot { shoot in
            let (view, token) = try await shoot.link()
            let other = SessionID(at: shoot.house.clock.now())
            #expect(await code { try await shoot.links.view(view.id, in: other, at: "") } == "not_found")
            #expect(await code { try await shoot.links.update(view.id, in: other, LinkChange(name: "x"), at: "") } == "not_found")
            #expect(await code { try await shoot.links.remove(view.id, in: other) } == "not_found")
            #expect(await code { try await shoot.links.uses(of: view.id, in: other, after: nil, limit: 5) } == "not_found")
            #expect(await code { try await shoot.links.create(LinkInput(name: "x"), in: other, at: "") } == "not_found")
            _ = try await shoot.enter(token)
        }
    }

    @Test("a session has so many links, listed a page at a time, the newest first")
    func listing() async throws {
        try await withShoot(.sqlite, { $0.linksPerSession = 3 }) { shoot in
            for name in ["a", "b", "c"] {
                _ = try await shoot.link(LinkInput(name: name))
                shoot.house.clock.advance(by: .seconds(1))
            }
            #expect(await code { try await shoot.link() } == "too_many_links")
            let first = try await shoot.links.list(of: shoot.id, after: nil, limit: 2, at: Self.base)
            let rest = try await shoot.links.list(
                of: shoot.id, after: try first.nextCursor.map(Cursor.init), limit: 2, at: Self.base)
            #expect((first.items + rest.items).map(\.name) == ["c", "b", "a"] && rest.nextCursor == nil)
        }
    }

    // MARK: Passwords and guessing

    @Test("who has said the password comes again without it, by that very link and as long as they are let in")
    func passwordsOnce() async throws {
        try await withShoot { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Family", password: "rosebud", maxUses: 2))
            let (_, other) = try await shoot.link(LinkInput(name: "Friends"))
            func again(_ entry: Entry) async throws -> String? {
                let guest = Principal.guest(try #require(shoot.house.accounts.grantChecker.check(entry.token)))
                return await code { try await shoot.links.enter(token, name: "Cy", password: nil, address: "a", as: guest) }
            }
            let entry = try await shoot.enter(token, password: "rosebud")
            #expect(try await again(try await shoot.enter(other)) == "password_required")
            let spare = try await shoot.enter(token, password: "rosebud")
            #expect(try await again(entry) == nil)
            _ = try await shoot.links.update(view.id, in: shoot.id, LinkChange(password: .some("new")), at: "")
            #expect(!shoot.holds(spare))
        }
    }

    @Test("a password is asked for, and guesses at it are limited; to be asked costs nothing")
    func passwords() async throws {
        try await withShoot { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Family", password: "rosebud"))
            #expect(view.hasPassword)
            for _ in 0..<30 { #expect(await code { try await shoot.enter(token) } == "password_required") }
            for _ in 0..<30 { _ = try await shoot.enter(token, password: "rosebud") }
            var codes: [String?] = []
            for number in 0..<15 { codes.append(await code { try await shoot.enter(token, password: "rosebush \(number)") }) }
            #expect(codes.first == "wrong_password" && codes.last == "too_many_requests")
            // From many addresses, too.
            for number in 0..<120 {
                let guess = "rose \(number)"
                codes.append(await code { try await shoot.enter(token, password: guess, from: "198.51.100.\(number)") })
            }
            #expect(codes.last == "too_many_requests")
            shoot.house.clock.advance(by: .seconds(3600))
            _ = try await shoot.enter(token, password: "rosebud")
        }
    }

    @Test("tokens of no link are not found, and trying them is limited", arguments: ["", "x", "../..", String(repeating: "A", count: 5000)])
    func unknownTokens(token: String) async throws {
        try await withShoot { shoot in
            var codes: [String?] = []
            for _ in 0..<130 { codes.append(await code { try await shoot.enter(token) }) }
            #expect(codes.first == "not_found" && codes.last == "too_many_requests")
        }
    }

    @Test("one client does not come in without end")
    func entries() async throws {
        try await withShoot { shoot in
            let (_, token) = try await shoot.link()
            var codes: [String?] = []
            for _ in 0..<130 { codes.append(await code { try await shoot.enter(token) }) }
            #expect(codes.first == .some(nil) && codes.last == "too_many_requests")
        }
    }

    // MARK: Limits

    @Test("as many come in as may, however many try at once", arguments: TestDriver.installed)
    func uses(driver: TestDriver) async throws {
        try await withShoot(driver) { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Five", maxUses: 5))
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<20 {
                    group.addTask { await code { try await shoot.enter(token, from: "192.0.2.\(number)") } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == nil } == 5 && answers.count { $0 == "link_used_up" } == 15)
            #expect(try await shoot.links.view(view.id, in: shoot.id, at: "").uses == 5)
            // The owner allows one more.
            _ = try await shoot.links.update(view.id, in: shoot.id, LinkChange(maxUses: 6), at: "")
            _ = try await shoot.enter(token, from: "192.0.2.99")
        }
    }

    @Test("a download is counted once for each guest and content, over all guests, however often it is resumed", arguments: TestDriver.installed)
    func downloads(driver: TestDriver) async throws {
        try await withShoot(driver) { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Three", rights: ["download"], maxDownloads: 3))
            let guests = try await [shoot.enter(token), shoot.enter(token)].map { entry in
                try #require(shoot.house.accounts.grantChecker.check(entry.mediaToken))
            }
            #expect(guests.allSatisfy { $0.rights == [.view, .download, .counted, .mediaOnly] })
            let resumed = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<10 { group.addTask { await code { try await shoot.links.begin("aa", with: guests[0]) } } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(resumed.allSatisfy { $0 == nil })
            #expect(try await shoot.links.view(view.id, in: shoot.id, at: "").downloads == 1)
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<6 {
                    group.addTask { await code { try await shoot.links.begin("file \(number)", with: guests[number % 2]) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == nil } == 2 && answers.count { $0 == "downloads_used_up" } == 4)
            // What was begun can be gone on with.
            try await shoot.links.begin("aa", with: guests[0])
            #expect(await code { try await shoot.links.begin("aa", with: guests[1]) } == "downloads_used_up")
            #expect(try await shoot.links.view(view.id, in: shoot.id, at: "").downloads == 3)
        }
    }

    @Test("a download that is taken back makes room for one other, once, and another guest's is not touched", arguments: TestDriver.installed)
    func takenBack(driver: TestDriver) async throws {
        try await withShoot(driver) { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Two", rights: ["download"], maxDownloads: 2))
            let guests = try await [shoot.enter(token), shoot.enter(token)].map { entry in
                try #require(shoot.house.accounts.grantChecker.check(entry.mediaToken))
            }
            for guest in guests { try await shoot.links.begin("aa", with: guest) }
            #expect(await code { try await shoot.links.begin("bb", with: guests[0]) } == "downloads_used_up")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { try? await shoot.links.takeBack("aa", with: guests[0]) } }
            }
            try await shoot.links.takeBack("nothing", with: guests[1])
            #expect(try await shoot.links.view(view.id, in: shoot.id, at: "").downloads == 1)
            try await shoot.links.begin("bb", with: guests[0])
            #expect(await code { try await shoot.links.begin("aa", with: guests[0]) } == "downloads_used_up")
            try await shoot.links.begin("aa", with: guests[1])
            #expect(try await shoot.links.view(view.id, in: shoot.id, at: "").downloads == 2)
        }
    }

    // MARK: Taking back

    @Test("what takes something from guests shows them out, anything else lets them stay", arguments: [
        (LinkChange(name: "Friends"), true), (LinkChange(rights: ["view", "download", "upload"]), true), (LinkChange(maxUses: 100), true),
        (LinkChange(expiresAt: .some(nil)), true), (LinkChange(password: .some(nil)), true),
        (LinkChange(rights: ["view"]), false), (LinkChange(password: .some("new")), false), (LinkChange(maxDownloads: 5), false),
        (LinkChange(expiresAt: .some(Timestamp(milliseconds: 1_795_000_060_000))), false),
    ])
    func changes(change: LinkChange, stay: Bool) async throws {
        try await withShoot { shoot in
            let end = shoot.house.clock.now() + .seconds(3600)
            let (view, token) = try await shoot.link(
                LinkInput(name: "Family", rights: ["download"], password: "old", expiresAt: end))
            let entry = try await shoot.enter(token, password: "old")
            let changed = try await shoot.links.update(view.id, in: shoot.id, change, at: Self.base)
            #expect(shoot.holds(entry) == stay)
            #expect(changed.url == view.url)
            #expect(try await shoot.links.view(view.id, in: shoot.id, at: Self.base) == changed.used(once: shoot.house.clock.now()))
        }
    }

    @Test("removing a link shows out who came by it, on every node and nobody else", arguments: TestDriver.installed)
    func removal(driver: TestDriver) async throws {
        try await withShoot(driver) { shoot in
            let elsewhere = shoot.house.anotherNode()
            try await elsewhere.revocations.refresh()
            let (view, token) = try await shoot.link()
            let (other, staying) = (try await shoot.link().token, try await shoot.link())
            let entries = try await [shoot.enter(token), shoot.enter(token)]
            let others = try await [shoot.enter(other), shoot.enter(staying.token)]
            let feed = Task { await elsewhere.revocations.run() }
            try await shoot.links.remove(view.id, in: shoot.id)
            #expect(!entries.contains(where: shoot.holds) && others.allSatisfy(shoot.holds))
            let tokens = entries.flatMap { [$0.token, $0.mediaToken] }
            try await eventually("the other node to hear of it", within: .seconds(5)) {
                tokens.contains { elsewhere.grantChecker.check($0) != nil } ? nil : ()
            }
            #expect(others.allSatisfy { elsewhere.grantChecker.check($0.token) != nil })
            #expect(await code { try await shoot.enter(token) } == "not_found")
            #expect(await code { try await shoot.links.remove(view.id, in: shoot.id) } == "not_found")
            // A session takes all its links with it.
            try await shoot.house.sessions.delete(shoot.id)
            #expect(!others.contains(where: shoot.holds))
            #expect(await code { try await shoot.enter(other) } == "not_found")
            try await eventually("the other node to hear of that", within: .seconds(5)) {
                others.contains { elsewhere.grantChecker.check($0.token) != nil } ? nil : ()
            }
            feed.cancel()
            await feed.value
        }
    }

    @Test("nobody slips in while the link is removed", arguments: TestDriver.installed)
    func races(driver: TestDriver) async throws {
        try await withShoot(driver) { shoot in
            for round in 0..<8 {
                let (view, token) = try await shoot.link()
                async let entries = withTaskGroup(of: Entry?.self) { group in
                    for number in 0..<4 {
                        group.addTask { try? await shoot.enter(token, from: "192.0.\(round).\(number)") }
                    }
                    return await group.reduce(into: [Entry]()) { if let entry = $1 { $0.append(entry) } }
                }
                try await shoot.links.remove(view.id, in: shoot.id)
                let inside = await entries
                try await shoot.house.accounts.revocations.refresh()
                #expect(!inside.contains(where: shoot.holds))
            }
        }
    }

    // MARK: The log

    @Test("the log says what happened, when, and not quite where from; it has an end", arguments: TestDriver.installed)
    func log(driver: TestDriver) async throws {
        try await withShoot(driver, { $0.loggedUses = 4 }) { shoot in
            let (view, token) = try await shoot.link(LinkInput(name: "Family", password: "rosebud", maxDownloads: 9))
            for address in ["192.0.2.7", "2001:db8:1:2::3", "::ffff:198.51.100.9"] {
                _ = try await shoot.enter(token, password: "rosebud", from: address)
            }
            _ = await code { try await shoot.enter(token, password: "wrong", from: "who knows") }
            let guest = try #require(shoot.house.accounts.grantChecker.check(try await shoot.enter(token, password: "rosebud").token))
            try await shoot.links.begin("aa", with: guest)
            let page = try await shoot.links.uses(of: view.id, in: shoot.id, after: nil, limit: 3)
            let rest = try await shoot.links.uses(of: view.id, in: shoot.id, after: try page.nextCursor.map(Cursor.init), limit: 3)
            let uses = page.items + rest.items
            #expect(uses.map(\.number) == [6, 5, 4, 3] && rest.nextCursor == nil)
            #expect(uses.map(\.kind) == [.downloaded, .entered, .wrongPassword, .entered])
            #expect(uses.map(\.network) == [nil, "192.0.2.0/24", "unknown", "198.51.100.0/24"])
            #expect(uses[1].name == "Bo" && uses[2].name == nil)
            shoot.house.clock.advance(by: .seconds(31 * 86_400))
            _ = try await shoot.enter(token, password: "rosebud")
            try await shoot.links.forget()
            #expect(try await shoot.links.uses(of: view.id, in: shoot.id, after: nil, limit: 9).items.map(\.number) == [7])
        }
    }

    @Test("a network is too large to tell a person", arguments: [
        ("203.0.113.77", "203.0.113.0/24"), ("2001:db8:aa:bb:cc::1", "2001:db8:aa::/48"), ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("unknown", "unknown"), ("", "unknown"),
    ])
    func networks(address: String, network: String) { #expect(IPAddress.network(of: address) == network) }
}

extension LinkView {
    /// As it is after one entry.
    fileprivate func used(once now: Timestamp) -> LinkView {
        var view = self
        view.uses = 1
        view.lastUsedAt = now
        return view
    }
}

extension TestHouse {
    /// The links of its sessions.
    /// - Parameter keys: other signing keys than the house's.
    func links(_ settings: ShareLinkSettings = ShareLinkSettings(), keys: Character? = nil) -> ShareLinkService {
        let accounts = keys.map(anotherNode) ?? self.accounts
        return ShareLinkService(
            sessions, passwords: accounts.passwords, secrets: accounts.secrets, settings: settings, logger: Logger(label: "test"))
    }

    /// Accounts as another process has them.
    func anotherNode(_ key: Character = "k") -> AccountsFeature {
        var settings = AccountSettings()
        settings.passwordCost = 12
        // 32 letters are a key.
        let keys = try! SigningKeys(secrets: [Secret(String(repeating: key, count: 32))])
        return AccountsFeature(database: database, signingKeys: keys, settings: settings, clock: clock, logger: Logger(label: "test"))
    }
}
