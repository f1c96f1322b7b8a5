import Core
import Crypto
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

    @Test(arguments: [Rights.guest, .owner, [], .view, [.view, .original, .counted]])
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

    @Test func `a rotation ends no token before its time, and a key that is removed ends those it signed`() async throws {
        try await withFolder { folder in
            let keys = try SigningKeys.load(fromFolder: folder)
            let other = GrantSigner(keys: try SigningKeys.load(fromFolder: folder), revocations: revocations, clock: clock)
            let text = GrantSigner(keys: keys, revocations: revocations, clock: clock).sign(token())
            try keys.rotate()
            let signer = GrantSigner(keys: keys, revocations: revocations, clock: clock)
            #expect(signer.check(text) != nil && other.check(text) != nil)
            // What the new key signs is not known elsewhere until the file is read again.
            let newer = signer.sign(token())
            #expect(signer.check(newer) != nil)
            clock.advance(by: .seconds(3599))
            #expect(signer.check(text) != nil)
            clock.advance(by: .seconds(1))
            #expect(signer.read(text) == .expired)
            // An operator takes all but the current one out.
            let (late, file) = (try self.signer("a").sign(token()), SigningKeysFile(folder: folder))
            let young = signer.sign(token())
            try file.replace(with: [SigningKeysFile.fresh()] + file.read())
            try keys.reload()
            #expect(signer.check(young) != nil)
            try file.replace(with: Array(file.read().prefix(1)))
            try keys.reload()
            #expect(signer.read(young) == .invalid && signer.read(late) == .invalid)
        }
    }

    /// Signed before there was a right to save: rights 1, by a key of 32 times `k`.
    @Test func `a token from before the right to download lets its holder go on saving`() throws {
        let token = GrantToken(
            grantID: GrantID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de001")!, sessionID: SessionID("01939a2e-7c1b-7d4e-9b54-0c9f5a3de002")!,
            rights: [.view, .download], expiresAt: clock.now() + .seconds(60))
        let payload = Data(token.grantID.bytes + token.sessionID.bytes) + Data([0, 0, 0, 0, 0, 0, 0, 1]) + Self.bytes(of: token.expiresAt)
        let signed = "lg1." + payload.base64URLEncodedString()
        let key = try SigningKeys(secrets: [Secret(String(repeating: "k", count: 32))]).all[0].grantTokens
        let mac = Data(HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key)).base64URLEncodedString()
        #expect(try signer().check("\(signed).\(mac)") == token)
    }

    private static func bytes(of time: Timestamp) -> Data { withUnsafeBytes(of: time.milliseconds.bigEndian) { Data($0) } }

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
