import Core

/// Tells who is asking by the kind of token: an API key, a grant token, or else an access token.
public struct TokenAuthenticator: Authenticator, RevocationChecker {
    let tokens: AccessTokens
    let keys: KeyDoor
    let grants: GrantSigner
    let revocations: Revocations

    public func principal(bearer: String?) async throws -> Principal { try await identity(bearer: bearer).principal }

    public func identity(bearer: String?) async throws -> Identity {
        guard let bearer else { return Identity(principal: .anonymous, expiresAt: nil) }
        if bearer.hasPrefix("\(OpaqueTokenKind.key.rawValue).") { return try await keys.identity(bearer) }
        if bearer.hasPrefix(GrantSigner.prefix) { return try guest(bearer) }
        return try await person(bearer)
    }

    public func isRevoked(_ principal: Principal) -> Bool {
        switch principal {
        case .anonymous: false
        case .user(_, _, let device): revocations.contains(device)
        case .key(let key, _, _, _): revocations.contains(key)
        case .guest(let token): revocations.contains(token.grantID)
        }
    }

    private func guest(_ bearer: String) throws -> Identity {
        switch grants.read(bearer) {
        case .valid(let token) where token.rights.contains(.mediaOnly): throw Problem.invalidToken
        case .valid(let token): return Identity(principal: .guest(token), expiresAt: token.expiresAt)
        case .expired: throw Problem.expiredToken
        case .invalid: throw Problem.invalidToken
        }
    }

    private func person(_ bearer: String) async throws -> Identity {
        let claims = try await tokens.read(bearer)
        guard !revocations.contains(claims.dev) else { throw Problem.invalidToken }
        return Identity(
            principal: .user(claims.sub, role: claims.role, device: claims.dev), expiresAt: Timestamp(milliseconds: claims.exp * 1000))
    }
}
