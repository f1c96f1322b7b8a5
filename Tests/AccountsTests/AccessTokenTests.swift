import Core
import Foundation
import Testing

@testable import Accounts

@Suite struct AccessTokenTests {
    private let clock = ManualClock()
    private let old = Secret(String(repeating: "o", count: 32))
    private let new = Secret(String(repeating: "n", count: 32))

    private func tokens(_ secrets: [Secret]) throws -> AccessTokens {
        AccessTokens(keys: try SigningKeys(secrets: secrets), lifetime: .seconds(900), clock: clock)
    }

    private func issue(_ tokens: AccessTokens) async throws -> (token: String, user: User, device: DeviceID) {
        let user = User(id: UserID(at: clock.now()), email: "a@b", username: "abc", role: .photographer, createdAt: clock.now())
        let device = DeviceID(at: clock.now())
        return (try await tokens.issue(for: user, device: device).reveal, user, device)
    }

    @Test func `a token says who, as what and on which device`() async throws {
        let tokens = try tokens([new])
        let (token, user, device) = try await issue(tokens)
        let claims = try await tokens.read(token)
        #expect(claims.sub == user.id && claims.role == .photographer && claims.dev == device)
        #expect(claims.exp - claims.iat == 900)
    }

    @Test(arguments: [(899, nil), (900, "expired_token"), (86_400, "expired_token")])
    func `a token holds for 15 minutes`(seconds: Int, refusal: String?) async throws {
        let tokens = try tokens([new])
        let (token, _, _) = try await issue(tokens)
        clock.advance(by: .seconds(seconds))
        #expect(await code { try await tokens.read(token) } == refusal)
    }

    @Test func `a token signed by a former key still holds, by a removed one not`() async throws {
        let (token, _, _) = try await issue(try tokens([old]))
        #expect(await code { try await tokens([new, old]).read(token) } == nil)
        #expect(await code { try await tokens([new]).read(token) } == "invalid_token")
    }

    @Test func `a rotation is taken up while running`() async throws {
        try await withFolder { folder in
            let keys = try SigningKeys.load(fromFolder: folder)
            let tokens = AccessTokens(keys: keys, lifetime: .seconds(900), clock: clock)
            let (before, _, _) = try await issue(tokens)
            try keys.rotate()
            let (after, _, _) = try await issue(tokens)
            #expect(await code { try await tokens.read(before) } == nil)
            #expect(await code { try await tokens.read(after) } == nil)
            #expect(before.prefix { $0 != "." } != after.prefix { $0 != "." }, "the key id is in the header")
        }
    }

    @Test func `no other text is a token`() async throws {
        let tokens = try tokens([new])
        let (token, _, _) = try await issue(tokens)
        let parts = token.split(separator: ".").map(String.init)
        let none = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64URLEncodedString()
        let forged = try #require(Data(base64URLEncoded: parts[1]).map { String(decoding: $0, as: UTF8.self) })
            .replacing("photographer", with: "admin")
        let bad = [
            "", ".", "..", "a.b.c", parts[0] + "." + parts[1] + ".", "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(Data(forged.utf8).base64URLEncodedString()).\(parts[2])", token + "." + parts[2],
            String(repeating: "x", count: 100_000), "lg1.\(parts[1]).\(parts[2])",
        ]
        for text in bad { #expect(await code { try await tokens.read(text) } == "invalid_token", "\(text.prefix(60))") }
    }
}
