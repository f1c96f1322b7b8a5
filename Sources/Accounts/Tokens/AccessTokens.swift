import Core
import JWTKit

/// Makes and reads access tokens: JWTs (RFC 7519) with HMAC-SHA256 and a key id, so that keys can be rotated.
actor AccessTokens {
    /// No token of ours comes near it.
    private static let longest = 2048

    private let keys: SigningKeys
    private let clock: any WallClock
    nonisolated let lifetime: Duration
    private var built: (ids: [String], collection: JWTKeyCollection)?

    init(keys: SigningKeys, lifetime: Duration, clock: any WallClock) {
        self.keys = keys
        self.lifetime = lifetime
        self.clock = clock
    }

    func issue(for user: User, device: DeviceID) async throws -> Secret {
        let now = clock.now()
        let claims = AccessClaims(
            iss: AccessClaims.issuer, sub: user.id, role: user.role, dev: device, iat: now.milliseconds / 1000,
            exp: (now + lifetime).milliseconds / 1000)
        let current = keys.all[0]
        return Secret(try await collection().sign(claims, kid: JWKIdentifier(string: current.id)))
    }

    /// - Throws: `Problem` 401 `invalid_token` or `expired_token`.
    func read(_ token: String) async throws -> AccessClaims {
        guard token.utf8.count <= Self.longest,
            let claims = try? await collection().verify(token, as: AccessClaims.self), claims.iss == AccessClaims.issuer
        else { throw Problem.invalidToken }
        guard clock.now().milliseconds < claims.exp * 1000 else { throw Problem.expiredToken }
        return claims
    }

    private func collection() async -> JWTKeyCollection {
        let current = keys.all
        let ids = current.map(\.id)
        if let built, built.ids == ids { return built.collection }
        let collection = JWTKeyCollection()
        for key in current {
            await collection.add(
                hmac: HMACKey(key: key.accessTokens), digestAlgorithm: .sha256, kid: JWKIdentifier(string: key.id))
        }
        built = (ids, collection)
        return collection
    }
}

extension Problem {
    /// 401: forged, revoked, or no token at all.
    static let invalidToken = Problem.unauthorized("The token does not hold.", code: "invalid_token")
    /// 401: it held once.
    static let expiredToken = Problem.unauthorized("The token has expired.", code: "expired_token")
}
