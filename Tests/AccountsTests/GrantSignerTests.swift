import Core
import Foundation
import Testing

@testable import Accounts

@Suite struct GrantSignerTests {
    private let clock = ManualClock()
    private let revocations = Revocations()

    private func signer(_ letters: String = "k") throws -> GrantSigner {
        let keys = try SigningKeys(secrets: letters.map { Secret(String(repeating: String($0), count: 32)) })
        return GrantSigner(keys: keys, revocations: revocations, clock: clock)
    }

    private func token(for duration: Duration = .seconds(3600), _ rights: Rights = .guest) -> GrantToken {
        let now = clock.now()
        return GrantToken(grantID: GrantID(at: now), sessionID: SessionID(at: now), rights: rights, expiresAt: now + duration)
    }

    @Test(arguments: [Rights.guest, .owner, [], [.view, .original]])
    func `what is signed comes back`(rights: Rights) throws {
        let token = token(rights)
        let text = try signer().sign(token)
        #expect(try signer().check(text) == token)
        #expect(text.hasPrefix("lg1."))
        #expect(text.utf8.count == 112)
    }

    @Test func `every other text is refused, whichever byte is changed`() throws {
        let signer = try signer()
        let text = Array(signer.sign(token()).utf8)
        for index in text.indices {
            for bit in 0..<7 {
                var changed = text
                changed[index] ^= 1 << UInt8(bit)
                #expect(signer.check(String(decoding: changed, as: UTF8.self)) == nil, "byte \(index), bit \(bit)")
            }
            #expect(signer.check(String(decoding: text[..<index], as: UTF8.self)) == nil)
        }
        #expect(signer.check(String(decoding: text, as: UTF8.self) + "A") == nil)
        #expect(signer.check(String(decoding: text, as: UTF8.self)) != nil)
    }

    @Test func `random texts of the right length are refused`() throws {
        let signer = try signer()
        for _ in 0..<500 {
            #expect(signer.check("lg1.\(RandomToken.secret(bytes: 48)).\(RandomToken.secret(bytes: 32))") == nil)
        }
    }

    @Test func `a token signed by a former key holds, by a foreign one not`() throws {
        let text = try signer("a").sign(token())
        #expect(try signer("ba").check(text) != nil)
        #expect(try signer("bc").check(text) == nil)
    }

    @Test func `an expired token opens nothing`() throws {
        let signer = try signer()
        let text = signer.sign(token(for: .seconds(10)))
        clock.advance(by: .seconds(9))
        #expect(signer.check(text) != nil)
        clock.advance(by: .seconds(1))
        #expect(signer.check(text) == nil)
        #expect(signer.read(text) == .expired)
    }

    @Test func `no token outlives the memory of revocations`() throws {
        let token = token(for: .seconds(400 * 86_400))
        let checked = try #require(try signer().check(signer().sign(token)))
        #expect(checked.expiresAt == clock.now() + GrantSigner.longestLife)
    }

    @Test func `a revoked grant opens nothing`() throws {
        let signer = try signer()
        let (kept, taken) = (token(), token())
        revocations.add([.init(grant: taken.grantID, expiresAt: taken.expiresAt, revokedAt: clock.now())])
        #expect(signer.check(signer.sign(kept)) == kept)
        #expect(signer.check(signer.sign(taken)) == nil)
        #expect(signer.isRevoked(taken.grantID) && !signer.isRevoked(kept.grantID))
    }

    @Test func `an id survives its bytes`() throws {
        let id = try #require(GrantID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"))
        #expect(id.bytes.count == 16)
        #expect(GrantID(bytes: id.bytes) == id)
        #expect(GrantID(bytes: id.bytes.dropLast()) == nil)
    }
}
