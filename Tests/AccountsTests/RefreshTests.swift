import Core
import Testing

@testable import Accounts

@Suite struct RefreshTests {
    private func registered(_ feature: AccountsFeature) async throws -> SignIn {
        try await feature.signIns.register(
            email: "a@b", username: "anna", password: "correct horse", deviceName: nil, address: "a")
    }

    @Test func `each refresh brings new tokens of the same device`() async throws {
        try await House.with { house in
            let feature = house.feature()
            var current = try await registered(feature)
            var seen: Set<String> = [current.refreshToken.reveal]
            for _ in 0..<5 {
                let next = try await feature.signIns.refresh(current.refreshToken, address: "a")
                let isNew = seen.insert(next.refreshToken.reveal).inserted
                #expect(isNew)
                #expect(next.deviceID == current.deviceID && next.user == current.user)
                current = next
            }
        }
    }

    @Test(arguments: [2, 3, 5])
    func `a spent token, however old, ends the family`(age: Int) async throws {
        try await House.with { house in
            let feature = house.feature()
            let first = try await registered(feature)
            var current = first
            for _ in 0..<age { current = try await feature.signIns.refresh(current.refreshToken, address: "a") }
            #expect(await code { try await feature.signIns.refresh(first.refreshToken, address: "a") } == "token_reused")
            #expect(await code { try await feature.signIns.refresh(current.refreshToken, address: "a") } == "invalid_token")
            let access = current.accessToken.reveal
            #expect(await code { try await feature.authenticator.principal(bearer: access) } == "invalid_token")
        }
    }

    @Test func `a token whose answer was lost is good again for two minutes`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let first = try await registered(feature)
            var answers: [SignIn] = []
            for _ in 0..<3 {
                answers.append(try await feature.signIns.refresh(first.refreshToken, address: "a"))
                house.clock.advance(by: .seconds(59))
            }
            #expect(await code { try await feature.signIns.refresh(first.refreshToken, address: "a") } == "token_reused")
            let last = answers[2].refreshToken
            #expect(await code { try await feature.signIns.refresh(last, address: "a") } == "invalid_token")
        }
    }

    @Test func `whoever has an answer that was given out anew ends the family by showing it`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let first = try await registered(feature)
            let lost = try await feature.signIns.refresh(first.refreshToken, address: "a")
            let second = try await feature.signIns.refresh(first.refreshToken, address: "a")
            #expect(await code { try await feature.signIns.refresh(lost.refreshToken, address: "a") } == "token_reused")
            #expect(await code { try await feature.signIns.refresh(second.refreshToken, address: "a") } == "invalid_token")
        }
    }

    @Test func `of many who use one token at once one goes on, and another that shows what it got ends the family`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let first = try await registered(feature)
            let results = await withTaskGroup(of: Result<SignIn, any Error>.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await Result(catching: { try await feature.signIns.refresh(first.refreshToken, address: "a") })
                    }
                }
                return await group.reduce(into: [Result<SignIn, any Error>]()) { $0.append($1) }
            }
            let stored = try await house.database.read { try DeviceStore().find(first.deviceID, in: $0) }
            let current = try #require(stored).secretHash
            let answers = try results.map { try $0.get().refreshToken }
            let isCurrent = answers.map { SecretHash.of($0.reveal.suffix(43)) == current }
            #expect(isCurrent.count { $0 } == 1)
            let loser = try #require(zip(answers, isCurrent).first { !$0.1 }).0
            #expect(await code { try await feature.signIns.refresh(loser, address: "a") } == "token_reused")
            #expect(try await feature.signIns.list(of: first.user.id).isEmpty)
        }
    }

    @Test func `a made-up token refuses itself and harms nobody`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let signIn = try await registered(feature)
            let device = signIn.deviceID
            let bad = [
                "", "lr1", "lr1..", "lr1.\(device).", "lr1.\(device).short", "lr1.\(device).\(RefreshSecret().text)",
                "lr1.\(DeviceID(at: house.clock.now())).\(RefreshSecret().text)", "lk1.\(device).\(RefreshSecret().text)",
                signIn.accessToken.reveal, signIn.refreshToken.reveal + "x", String(repeating: "x", count: 10_000),
            ]
            for text in bad {
                #expect(await code { try await feature.signIns.refresh(Secret(text), address: "a") } == "invalid_token")
            }
            #expect(await code { try await feature.signIns.refresh(signIn.refreshToken, address: "a") } == nil)
        }
    }

    @Test func `a device expires when unused for 60 days, and each use starts them anew`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let first = try await registered(feature)
            house.clock.advance(by: .seconds(59 * 86_400))
            let second = try await feature.signIns.refresh(first.refreshToken, address: "a")
            house.clock.advance(by: .seconds(59 * 86_400))
            let third = try await feature.signIns.refresh(second.refreshToken, address: "a")
            house.clock.advance(by: .seconds(60 * 86_400))
            #expect(await code { try await feature.signIns.refresh(third.refreshToken, address: "a") } == "expired_token")
            #expect(try await feature.signIns.list(of: first.user.id).isEmpty)
        }
    }

    @Test func `no secret is at rest`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let signIn = try await registered(feature)
            let secret = signIn.refreshToken.reveal.split(separator: ".")[2]
            let row = try await house.database.read { try $0.first("SELECT * FROM devices") }
            let device = try #require(row)
            #expect(try device.get("family_hash", as: [UInt8].self) == SecretHash.of(secret.prefix(22)))
            #expect(try device.get("secret_hash", as: [UInt8].self) == SecretHash.of(secret.dropFirst(22)))
            #expect(!"\(device)".contains(secret.dropFirst(22)))
        }
    }
}
