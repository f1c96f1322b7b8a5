import Core
import Testing

@testable import Accounts

@Suite struct SignInTests {
    private func registered(_ feature: AccountsFeature, _ name: String = "Anna") async throws -> SignIn {
        try await feature.signIns.register(
            email: "\(name)@Example.org", username: name, password: "correct horse", deviceName: "phone", address: "192.0.2.1")
    }

    private func principal(_ feature: AccountsFeature, _ signIn: SignIn) async throws -> Principal {
        try await feature.authenticator.principal(bearer: signIn.accessToken.reveal)
    }

    @Test func `who registers is signed in with the default role`() async throws {
        try await House.with { house in
            let feature = house.feature()
            #expect(try await !feature.accounts.hasUsers())
            let signIn = try await registered(feature)
            #expect(try await feature.accounts.hasUsers())
            #expect(signIn.user.email == "anna@example.org" && signIn.user.username == "Anna")
            #expect(
                try await principal(feature, signIn)
                    == .user(signIn.user.id, role: .photographer, device: signIn.deviceID))
            #expect(try await feature.accounts.user(signIn.user.id) == signIn.user)
        }
    }

    @Test(arguments: [
        ("ANNA@example.org", "other", "email_taken"), ("other@example.org", "aNNa", "username_taken"),
        ("no address", "other", "invalid_field"), ("other@example.org", "o", "invalid_field"),
    ])
    func `names are unique without regard to case`(email: String, username: String, refusal: String) async throws {
        try await House.with { house in
            let feature = house.feature()
            _ = try await registered(feature)
            let refused = await code {
                try await feature.accounts.createUser(email: email, username: username, password: "12345678", role: .member)
            }
            #expect(refused == refusal)
        }
    }

    @Test func `of many who want one name at once one gets it`() async throws {
        try await House.with { house in
            let accounts = house.feature().accounts
            let codes = await withTaskGroup(of: String?.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        await code {
                            try await accounts.createUser(
                                email: "\(number)@b", username: "anna", password: "12345678", role: .member)
                        }
                    }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1)
            #expect(codes.count { $0 == "username_taken" } == 5)
        }
    }

    @Test func `registration can be closed, but not to the operator`() async throws {
        try await House.with { house in
            let feature = house.feature { $0.registration = .closed }
            #expect(await code { try await registered(feature) } == "registration_closed")
            let admin = try await feature.accounts.createUser(email: "a@b", username: "root", password: "12345678", role: .admin)
            #expect(admin.role == .admin)
        }
    }

    @Test(arguments: ["anna@example.org", "ANNA@EXAMPLE.ORG", "anna", "Anna"])
    func `one signs in by email address or username`(login: String) async throws {
        try await House.with { house in
            let feature = house.feature()
            let first = try await registered(feature)
            let second = try await feature.signIns.login(login, password: "correct horse", deviceName: nil, address: "a")
            #expect(second.user == first.user)
            #expect(second.deviceID != first.deviceID)
        }
    }

    @Test(arguments: [("anna", "correct horsf"), ("anna", ""), ("nobody", "correct horse"), ("", "correct horse")])
    func `wrong is wrong, whichever it is`(login: String, password: String) async throws {
        try await House.with { house in
            let feature = house.feature()
            _ = try await registered(feature)
            let refused = await code {
                try await feature.signIns.login(login, password: password, deviceName: nil, address: "a")
            }
            #expect(refused == "wrong_credentials")
        }
    }

    private func guess(_ feature: AccountsFeature, _ login: String, from address: String) async -> String? {
        await code { try await feature.signIns.login(login, password: "wrong", deviceName: nil, address: address) }
    }

    private func enter(_ feature: AccountsFeature, from address: String) async -> String? {
        await code { try await feature.signIns.login("anna", password: "correct horse", deviceName: nil, address: address) }
    }

    @Test func `guessing is limited per login and address, and per address for all accounts`() async throws {
        try await House.with { house in
            let feature = house.feature()
            _ = try await registered(feature)
            for _ in 0..<5 { #expect(await guess(feature, "anna", from: "192.0.2.1") == "wrong_credentials") }
            #expect(await guess(feature, "anna@example.org", from: "192.0.2.1") == "wrong_credentials")
            // That the two belong together is not told. Six were counted.
            for number in 0..<14 {
                #expect(await guess(feature, "nobody\(number)", from: "192.0.2.1") == "wrong_credentials")
            }
            #expect(await guess(feature, "somebody", from: "192.0.2.1") == "too_many_requests")
            house.clock.advance(by: .seconds(60))
            #expect(await guess(feature, "anna", from: "192.0.2.1") == "wrong_credentials")
            #expect(await guess(feature, "anna", from: "192.0.2.1") == "too_many_requests")
        }
    }

    @Test(arguments: ["192.0.2.99", "2001:db8:2::1"])
    func `who uses up an account's attempts locks nobody else out`(home: String) async throws {
        try await House.with { house in
            let feature = house.feature()
            _ = try await registered(feature)
            for _ in 0..<6 { _ = await guess(feature, "anna", from: "2001:db8:1::1") }
            #expect(await guess(feature, "anna", from: "2001:db8:1::2") == "too_many_requests")
            #expect(await enter(feature, from: home) == nil)
        }
    }

    @Test func `many addresses together are limited, but not where the account was signed in to before`() async throws {
        try await House.with { house in
            let feature = house.feature { $0.attempts.account.burst = 12 }
            _ = try await registered(feature)
            #expect(await enter(feature, from: "198.51.100.1") == nil)
            for number in 10..<22 { #expect(await guess(feature, "anna", from: "192.0.2.\(number)") == "wrong_credentials") }
            #expect(await guess(feature, "anna", from: "192.0.2.99") == "too_many_requests")
            #expect(await enter(feature, from: "203.0.113.1") == "too_many_requests")
            for _ in 0..<2 { #expect(await enter(feature, from: "198.51.100.1") == nil) }
            // Where the account was made.
            #expect(await enter(feature, from: "192.0.2.1") == nil)
            #expect(await guess(feature, "anna", from: "192.0.2.99") == "too_many_requests")
            house.clock.advance(by: .seconds(6))
            #expect(await enter(feature, from: "203.0.113.1") == nil)
            // It was good, so it was not counted.
            #expect(await guess(feature, "anna", from: "192.0.2.99") == "wrong_credentials")
        }
    }

    @Test func `signing in to one's own account buys no guesses at another`() async throws {
        try await House.with { house in
            let feature = house.feature()
            _ = try await registered(feature)
            var refused = 0
            for number in 0..<30 {
                let own = await code {
                    try await feature.signIns.login("anna", password: "correct horse", deviceName: nil, address: "a")
                }
                let guess = await code {
                    try await feature.signIns.login("other\(number)", password: "wrong", deviceName: nil, address: "a")
                }
                if own == "too_many_requests" || guess == "too_many_requests" { refused += 1 }
            }
            // Twenty guesses, then neither is let in any more.
            #expect(refused == 10)
        }
    }

    @Test func `a device can be listed and signed out, by its owner only`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let phone = try await registered(feature)
            let other = try await registered(feature, "Berta")
            house.clock.advance(by: .seconds(1))
            let laptop = try await feature.signIns.login("anna", password: "correct horse", deviceName: "laptop", address: "a")
            #expect(try await feature.signIns.list(of: phone.user.id).map(\.name) == ["laptop", "phone"])
            #expect(await code { try await feature.signIns.revoke(laptop.deviceID, of: other.user.id) } == "not_found")
            try await feature.signIns.revoke(laptop.deviceID, of: phone.user.id)
            #expect(await code { try await principal(feature, laptop) } == "invalid_token")
            #expect(await code { try await feature.signIns.refresh(laptop.refreshToken, address: "a") } == "invalid_token")
            #expect(await code { try await principal(feature, phone) } == nil)
            #expect(await code { try await feature.signIns.revoke(laptop.deviceID, of: phone.user.id) } == "not_found")
            try await feature.signIns.logout(phone.deviceID, of: phone.user.id)
            #expect(try await feature.signIns.list(of: phone.user.id).isEmpty)
        }
    }

    @Test func `the device unused for longest makes room for a new one`() async throws {
        try await House.with { house in
            let feature = house.feature {
                $0.devicesPerUser = 3
                $0.attempts.login.burst = 100
            }
            var signIns = [try await registered(feature)]
            for number in 1..<5 {
                house.clock.advance(by: .seconds(1))
                signIns.append(
                    try await feature.signIns.login("anna", password: "correct horse", deviceName: "\(number)", address: "a"))
            }
            #expect(try await feature.signIns.list(of: signIns[0].user.id).map(\.name) == ["4", "3", "2"])
            #expect(await code { try await principal(feature, signIns[1]) } == "invalid_token")
        }
    }
}
