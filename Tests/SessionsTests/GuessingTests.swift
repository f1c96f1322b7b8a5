import Accounts
import Core
import Logging
import Testing

@testable import Sessions

@Suite("Guesses at codes and passwords")
struct GuessingTests {
    /// A session with a code and a link with a password.
    private struct Shoot {
        let house: TestHouse
        let links: ShareLinkService
        let id: SessionID
        let token: String

        func enter(_ password: String, from address: String, as principal: Principal = .anonymous) async -> String? {
            await code { try await links.enter(token, name: nil, password: password, address: address, as: principal) }
        }

        func enter(code: String, from address: String) async -> String? {
            await GuessingTests.code { try await house.sessions.enter(nil, code: code, name: nil, address: address) }
        }

        private func code(_ body: () async throws -> some Any) async -> String? { await GuessingTests.code(body) }

        /// Guesses until there are no more.
        func exhaust(from address: String) async {
            for number in 0..<20 { _ = await enter("guess \(number) \(address)", from: address) }
        }
    }

    private static func code(_ body: () async throws -> some Any) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? Problem)?.code ?? "\(error)" }
    }

    private func withShoot(_ body: (Shoot) async throws -> Void) async throws {
        try await TestHouse.with { house in
            let session = try await house.sessions.create(
                title: "One", accessCode: "one-1", owner: try await house.photographer().userID!)
            let links = ShareLinkService(
                house.sessions, passwords: PlainPasswords(), secrets: house.accounts.secrets, logger: Logger(label: "test"))
            let token = try await Self.link(links, session.id)
            try await body(Shoot(house: house, links: links, id: session.id, token: token))
        }
    }

    private static func link(_ links: ShareLinkService, _ session: SessionID) async throws -> String {
        let view = try await links.create(LinkInput(name: "Family", password: "rosebud"), in: session, at: "")
        return try #require(view.url?.split(separator: "/").last.map(String.init))
    }

    private static let party = "192.0.2.7"

    @Test("a right password is not refused because somebody at the same address guesses", arguments: [party, "2001:db8:1:2::7"])
    func hall(address: String) async throws {
        try await withShoot { shoot in
            #expect(await shoot.enter("rosebud", from: address) == nil)
            await shoot.exhaust(from: address)
            #expect(await shoot.enter("a guess", from: address) == "too_many_requests")
            for _ in 0..<20 { #expect(await shoot.enter("rosebud", from: address) == nil) }
            // Nor because of many who guess elsewhere.
            for number in 0..<120 { _ = await shoot.enter("guess \(number)", from: "198.51.100.\(number)") }
            #expect(await shoot.enter("a guess", from: "203.0.113.1") == "too_many_requests")
            #expect(await shoot.enter("rosebud", from: address) == nil)
            #expect(await shoot.enter("rosebud", from: "203.0.113.1") == nil)
        }
    }

    @Test("guesses beyond the limit are few, and learn nothing but whether the password is that of others")
    func bound() async throws {
        try await withShoot { shoot in
            #expect(await shoot.enter("rosebud", from: Self.party) == nil)
            await shoot.exhaust(from: Self.party)
            for number in 0..<100 { _ = await shoot.enter("next \(number)", from: Self.party) }
            #expect(await shoot.enter("rosebud", from: Self.party) == "too_many_requests")
            // A second later somebody may try.
            shoot.house.clock.advance(by: .seconds(1))
            #expect(await shoot.enter("rosebud", from: Self.party) == nil)
            #expect(await shoot.enter("rosebud", from: Self.party) == "too_many_requests")
        }
    }

    @Test("a guest who is in may give the password again, whoever guesses")
    func guests() async throws {
        try await withShoot { shoot in
            let entry = try await shoot.links.enter(shoot.token, name: nil, password: "rosebud", address: Self.party)
            let guest = Principal.guest(try #require(shoot.house.accounts.grantChecker.check(entry.token)))
            await shoot.exhaust(from: Self.party)
            for number in 0..<100 { _ = await shoot.enter("next \(number)", from: Self.party) }
            #expect(await shoot.enter("rosebud", from: Self.party) == "too_many_requests")
            #expect(await shoot.enter("rosebud", from: Self.party, as: guest) == nil)
            // Who came in by the code has shown nothing about the link.
            let byCode = Principal.guest(
                try await shoot.house.sessions.enter(nil, code: "one-1", name: nil, address: "192.0.2.8").1)
            #expect(await shoot.enter("rosebud", from: Self.party, as: byCode) == "too_many_requests")
        }
    }

    @Test("the same wrong password, on a poster perhaps, is one guess, and noted once")
    func poster() async throws {
        try await withShoot { shoot in
            for _ in 0..<50 { #expect(await shoot.enter("rosebush", from: Self.party) == "wrong_password") }
            #expect(await shoot.enter("rosebud", from: Self.party) == nil)
            let link = try await shoot.links.list(of: shoot.id, after: nil, limit: 1, at: "").items[0].id
            let log = try await shoot.links.uses(of: link, in: shoot.id, after: nil, limit: 50).items.map(\.kind)
            #expect(log == [.entered, .wrongPassword])
            // Until it is the right one.
            _ = try await shoot.links.update(link, in: shoot.id, LinkChange(password: .some("rosebush")), at: "")
            #expect(await shoot.enter("rosebush", from: Self.party) == nil)
            #expect(await shoot.enter("rosebud", from: Self.party) == "wrong_password")
        }
    }

    @Test("guesses at one link keep nobody from another, nor from coming in by the code; nor do tokens of no link")
    func apart() async throws {
        try await withShoot { shoot in
            let other = try await Self.link(shoot.links, shoot.id)
            await shoot.exhaust(from: Self.party)
            for _ in 0..<200 {
                _ = await Self.code { try await shoot.links.enter("nothing", name: nil, password: nil, address: Self.party) }
            }
            #expect(await Self.code {
                try await shoot.links.enter(other, name: nil, password: "rosebud", address: Self.party)
            } == nil)
            #expect(await shoot.enter(code: "one-1", from: Self.party) == nil)
        }
    }

    @Test("a code that let others in from there is not refused because somebody there guesses")
    func codes() async throws {
        try await withShoot { shoot in
            #expect(await shoot.enter(code: "one-1", from: Self.party) == nil)
            for _ in 0..<20 { _ = await shoot.enter(code: "guess", from: Self.party) }
            #expect(await shoot.enter(code: "guess", from: Self.party) == "too_many_requests")
            for _ in 0..<20 { #expect(await shoot.enter(code: "ONE-1", from: Self.party) == nil) }
            // Another one could be a guess.
            _ = try await shoot.house.sessions.create(
                title: "Two", accessCode: "two-2", owner: try await shoot.house.photographer("eve").userID!)
            #expect(await shoot.enter(code: "two-2", from: Self.party) == "too_many_requests")
            // A code that is no more lets nobody in.
            _ = try await shoot.house.sessions.update(shoot.id, SessionChange(accessCode: "three-3"))
            #expect(await shoot.enter(code: "one-1", from: Self.party) == "wrong_code")
        }
    }

    @Test("one address does not come in by codes without end")
    func arrivals() async throws {
        var rules = AttemptLimits.Rules()
        rules.arrival = RateLimit(burst: 3, interval: .seconds(1))
        try await TestHouse.with { house in
            let limits = AttemptLimits(rules, limiter: LocalRateLimiter(clock: house.clock))
            let sessions = SessionService(
                database: house.database, grants: house.accounts.grants, signer: house.accounts.grantChecker, attempts: limits,
                jobs: house.jobs, events: house.events, nudges: house.broker, accounts: house.accounts.accounts, clock: house.clock)
            let owner = try await house.photographer().userID!
            for code in ["one-1", "two-2"] { _ = try await sessions.create(title: "One", accessCode: code, owner: owner) }
            func enter(_ code: String) async -> String? {
                await Self.code { try await sessions.enter(nil, code: code, name: nil, address: Self.party) }
            }
            for _ in 0..<3 { #expect(await enter("one-1") == nil) }
            for _ in 0..<20 { #expect(await enter("two-2") == "too_many_requests") }
            // To be refused for that was no guess.
            house.clock.advance(by: .seconds(1))
            #expect(await enter("two-2") == nil)
        }
    }

    @Test("what is remembered is bounded, the latest stays")
    func memory() {
        let known = KnownAnswers(capacity: 10)
        for number in 0..<1000 {
            known.insert("\(number)", to: "a")
            #expect(known.contains("0", to: "a") == true || number == 0)
        }
        #expect(known.contains("999", to: "a") && known.contains("0", to: "a") && !known.contains("100", to: "a"))
        #expect(!known.contains("999", to: "b") && !known.contains("99", to: "a9"))
    }
}

/// Keeps passwords as they are, for hundreds of guesses would take long otherwise.
private struct PlainPasswords: PasswordKeeper {
    func hash(_ password: String) async throws -> String { password }
    func verify(_ password: String, against stored: String?) async throws -> Bool { password == stored }
}
