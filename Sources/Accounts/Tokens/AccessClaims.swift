import Core
import JWTKit

/// What an access token says.
struct AccessClaims: JWTPayload, Equatable {
    static let issuer = "lumiere"

    let iss: String
    let sub: UserID
    let role: Role
    /// The device that signed in; the token falls with it.
    let dev: DeviceID
    /// Seconds since 1970, as `exp`.
    let iat: Int64
    let exp: Int64

    /// Nothing: only the signature is JWTKit's affair, the rest is checked against the injected clock.
    func verify(using algorithm: some JWTAlgorithm) {}
}
