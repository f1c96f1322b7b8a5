import Core
import HTTPTypes
import Testing
import WebServer

@testable import Accounts

@Suite struct KeyTests {
    private func owner(_ feature: AccountsFeature, _ name: String = "anna") async throws -> User {
        try await feature.accounts.createUser(email: "\(name)@b", username: name, password: "12345678", role: .photographer)
    }

    private func person(_ user: User, _ house: House) -> Principal {
        .user(user.id, role: user.role, device: DeviceID(at: house.clock.now()))
    }

    @Test(arguments: ["ANNA@b", "Anna"])
    func `a key made by the operator opens what its scopes say`(login: String) async throws {
        try await House.with { house in
            let feature = house.feature()
            let user = try await owner(feature)
            // As the command does it, in a process of its own.
            let new = try await AccountService(database: house.database).createKey(
                user: login, scopes: [.upload, .read], name: "tether")
            #expect(new.key.reveal.hasPrefix("lk1.\(new.id)."))
            let principal = try await feature.authenticator.principal(bearer: new.key.reveal)
            #expect(principal == .key(new.id, owner: user.id, role: .photographer, scopes: [.upload, .read]))
        }
    }

    @Test func `an operator must name an account and a scope`() async throws {
        try await House.with { house in
            let accounts = house.feature().accounts
            #expect(await code { try await accounts.createKey(user: "nobody", scopes: [.read], name: "") } == "not_found")
            #expect(await code { try await accounts.createKey(user: "nobody", scopes: [], name: "") } == "invalid_field")
        }
    }

    @Test func `only a signed-in device makes keys, keys list and revoke`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let user = try await owner(feature)
            let new = try await feature.accounts.createKey(user: "anna", scopes: Set(Scope.allCases), name: "k")
            let key = try await feature.authenticator.principal(bearer: new.key.reveal)
            func answers(_ method: HTTPRequest.Method, _ path: String) throws -> [Policy.Decision] {
                let route = try #require(feature.routes.first { $0.method == method && $0.path == path })
                return [person(user, house), key].map { Policy.allows($0, route.action, .house) }
            }
            #expect(try answers(.post, "/api/keys") == [.allow, .forbid])
            #expect(try answers(.get, "/api/keys") == [.allow, .allow])
            #expect(try answers(.delete, "/api/keys/{id}") == [.allow, .allow])
            #expect(await code {
                try await feature.keys.create("k", scopes: [], expiresAt: nil, owner: user.id)
            } == "invalid_field")
        }
    }

    @Test func `an expired key says so`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let user = try await owner(feature)
            let key = try await feature.keys.create(
                "k", scopes: [.read], expiresAt: house.clock.now() + .seconds(5), owner: user.id)
            #expect(await code { try await feature.authenticator.principal(bearer: key.key.reveal) } == nil)
            house.clock.advance(by: .seconds(5))
            #expect(await code { try await feature.authenticator.principal(bearer: key.key.reveal) } == "expired_token")
            let past = await code {
                try await feature.keys.create(
                    "k", scopes: [.read], expiresAt: house.clock.now(), owner: user.id)
            }
            #expect(past == "invalid_field")
        }
    }

    @Test func `a made-up key opens nothing`() async throws {
        try await House.with { house in
            let feature = house.feature()
            _ = try await owner(feature)
            let key = try await feature.accounts.createKey(user: "anna", scopes: [.read], name: "k")
            let text = key.key.reveal
            let bad = [
                "lk1.", "lk1.\(key.id).", "lk1.\(key.id).\(RandomToken.secret())", text + "x", String(text.dropLast()),
                "lk1.\(GrantID(at: house.clock.now())).\(RandomToken.secret())", "lk1.not-an-id.secret", "lk1.\(text)",
            ]
            for bearer in bad {
                #expect(await code { try await feature.authenticator.principal(bearer: bearer) } == "invalid_token")
            }
            #expect(await code { try await feature.authenticator.principal(bearer: text) } == nil)
            for bearer in bad {
                #expect(await code { try await feature.authenticator.principal(bearer: bearer) } == "invalid_token")
            }
        }
    }

    @Test func `a revoked key is refused at once here and after a look elsewhere`() async throws {
        try await House.with { house in
            let (here, elsewhere) = (house.feature(), house.feature())
            let user = try await owner(here)
            let other = try await owner(here, "berta")
            let key = try await here.accounts.createKey(user: "anna", scopes: [.read], name: "k")
            func refusal(_ feature: AccountsFeature) async -> String? {
                await code { try await feature.authenticator.principal(bearer: key.key.reveal) }
            }
            #expect(await refusal(here) == nil)
            #expect(await refusal(elsewhere) == nil)
            #expect(await code { try await here.keys.revoke(key.id, of: other.id) } == "not_found")
            try await here.keys.revoke(key.id, of: user.id)
            #expect(await refusal(here) == "invalid_token")
            try await elsewhere.revocations.refresh()
            #expect(await refusal(elsewhere) == "invalid_token")
            #expect(await code { try await here.keys.revoke(key.id, of: user.id) } == "not_found")
        }
    }

    @Test func `keys are listed newest first in pages, without those revoked and those of others`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let user = try await owner(feature)
            _ = try await owner(feature, "berta")
            _ = try await feature.accounts.createKey(user: "berta", scopes: [.read], name: "not anna's")
            var ids: [GrantID] = []
            for number in 0..<5 {
                // Two of them in the same millisecond: the id decides.
                if number != 3 { house.clock.advance(by: .milliseconds(1)) }
                ids.append(try await feature.keys.create(
                    "\(number)", scopes: [.read], expiresAt: nil, owner: user.id).id)
            }
            try await feature.keys.revoke(ids[1], of: user.id)
            var seen: [GrantID] = []
            var cursor: Cursor?
            repeat {
                let rows = try await feature.keys.list(of: user.id, after: cursor, limit: 2)
                let page = Page(rows.map(KeyView.init), limit: 2) {
                    Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
                }
                seen += page.items.map(\.id)
                cursor = try page.nextCursor.map(Cursor.init)
            } while cursor != nil
            #expect(seen.count == 4 && Set(seen) == Set(ids).subtracting([ids[1]]))
            #expect(seen.first == ids[4] && seen.last == ids[0])
        }
    }

    @Test func `an account has a bounded number of keys`() async throws {
        try await House.with { house in
            let feature = house.feature { $0.keysPerUser = 2 }
            let user = try await owner(feature)
            func create() async throws -> NewAPIKey {
                try await feature.keys.create("k", scopes: [.read], expiresAt: nil, owner: user.id)
            }
            let first = try await create()
            _ = try await create()
            #expect(await code { try await create() } == "too_many_keys")
            try await feature.keys.revoke(first.id, of: user.id)
            #expect(await code { try await create() } == nil)
        }
    }

    @Test func `the last use is noted once a minute`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let user = try await owner(feature)
            let key = try await feature.accounts.createKey(user: "anna", scopes: [.read], name: "k")
            func use() async throws -> Timestamp? {
                _ = try await feature.authenticator.principal(bearer: key.key.reveal)
                return try await feature.keys.list(of: user.id, after: nil, limit: 1).first?.lastUsedAt
            }
            let start = house.clock.now()
            #expect(try await use() == start)
            house.clock.advance(by: .seconds(59))
            #expect(try await use() == start)
            house.clock.advance(by: .seconds(1))
            #expect(try await use() == start + .seconds(60))
        }
    }
}
