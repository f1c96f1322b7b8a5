import Core
import Crypto
import Foundation

/// Signs grant tokens and checks them without the database: `lg1.<payload>.<mac>`, or `lg2.` for those that open one file alone.
///
/// The payload is 48 bytes (grant, session, rights, expiry), of `lg2.` 64 (the file), the MAC is HMAC-SHA256 over the text before it.
public struct GrantSigner: GrantChecker {
    /// What a text turned out to be.
    enum Reading: Equatable {
        case valid(GrantToken)
        case expired
        /// Forged, malformed or revoked.
        case invalid
    }

    /// No token lives longer, whatever it was made with: for so long revoked grants have to be remembered.
    static let longestLife: Duration = .seconds(90 * 86_400)
    static let prefix = "lg1."
    static let filePrefix = "lg2."
    /// Of the whole text, by what it begins with.
    private static let lengths = [prefix: 4 + 64 + 1 + 43, filePrefix: 4 + 86 + 1 + 43]

    private let keys: SigningKeys
    private let revocations: Revocations
    private let clock: any WallClock

    init(keys: SigningKeys, revocations: Revocations, clock: any WallClock) {
        self.keys = keys
        self.revocations = revocations
        self.clock = clock
    }

    public func sign(_ token: GrantToken) -> String {
        var token = token
        token.expiresAt = min(token.expiresAt, clock.now() + Self.longestLife)
        let signed = (token.originalID == nil ? Self.prefix : Self.filePrefix) + GrantPayload.bytes(of: token).base64URLEncodedString()
        return signed + "." + Self.mac(of: signed, keys.all[0])
    }

    public func check(_ token: String) -> GrantToken? {
        if case .valid(let token) = read(token) { token } else { nil }
    }

    public func isRevoked(_ grant: GrantID) -> Bool { revocations.contains(grant) }

    func read(_ text: String) -> Reading {
        let prefix = String(text.prefix(4))
        guard text.utf8.count == Self.lengths[prefix], let dot = text.lastIndex(of: "."),
            isSigned(text[..<dot], mac: text[text.index(after: dot)...]),
            let token = GrantPayload.token(String(text[..<dot].dropFirst(prefix.count)), isOfFile: prefix == Self.filePrefix)
        else { return .invalid }
        if revocations.contains(token.grantID) { return .invalid }
        return clock.now() < token.expiresAt ? .valid(token) : .expired
    }

    /// Compares texts, not decoded bytes: base64 has several spellings of the same bytes, of which ours is one.
    private func isSigned(_ signed: Substring, mac: Substring) -> Bool {
        // Every key is tried, so that the time does not tell which one it was.
        keys.all.reduce(false) { found, key in
            let fits = ConstantTime.equal(Self.mac(of: signed, key).utf8, mac.utf8)
            return found || fits
        }
    }

    private static func mac(of signed: some StringProtocol, _ key: SigningKey) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key.grantTokens)).base64URLEncodedString()
    }
}

/// The bytes of a grant token: 16 of the grant's id, 16 of the session's, 8 of the rights and 8 of the expiry, and 16 of the original's
/// id if it opens one alone.
///
/// The first byte of the rights says by which table they were written: in the first, 0, whoever could see could save, and
/// there was no right of its own for that.
private enum GrantPayload {
    private static let table: Int64 = 1 << 56

    static func bytes(of token: GrantToken) -> Data {
        Data(token.grantID.bytes + token.sessionID.bytes)
            + bigEndian(Int64(token.rights.rawValue) | table) + bigEndian(token.expiresAt.milliseconds)
            + Data(token.originalID?.bytes ?? [])
    }

    static func token(_ text: String, isOfFile: Bool) -> GrantToken? {
        guard let data = Data(base64URLEncoded: text), data.count == (isOfFile ? 64 : 48),
            let grant = GrantID(bytes: data.prefix(16)), let session = SessionID(bytes: data.dropFirst(16).prefix(16))
        else { return nil }
        let original = OriginalID(bytes: data.dropFirst(48))
        guard isOfFile == (original != nil) else { return nil }
        return GrantToken(
            grantID: grant, sessionID: session, rights: rights(integer(data.dropFirst(32).prefix(8))), originalID: original,
            expiresAt: Timestamp(milliseconds: integer(data.dropFirst(40).prefix(8))))
    }

    private static func rights(_ value: Int64) -> Rights {
        let rights = Rights(rawValue: Int(value & (table - 1)))
        return value & table == 0 && rights.contains(.view) ? rights.union(.download) : rights
    }

    private static func bigEndian(_ value: Int64) -> Data {
        Data((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) })
    }

    private static func integer(_ bytes: Data) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}
