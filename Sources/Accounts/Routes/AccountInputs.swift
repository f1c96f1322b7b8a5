import Core
import WebServer

struct RegisterInput: WireType {
    let email: String
    let username: String
    let password: Secret
    let deviceName: String?

    static let schema: Schema = .object([
        .field("email", .formatted(.email)),
        .field("username", .string(3...32), "Letters, digits, dots, dashes and underscores."),
        .field("password", .string(8...200)), .optional("deviceName", .string(0...100)),
    ])
}

struct LoginInput: WireType {
    let login: String?
    let email: String?
    let username: String?
    let password: Secret
    let deviceName: String?

    static let schema: Schema = .object([
        .optional("login", .string(1...254), "An email address or a username; `email` and `username` do as well."),
        .optional("email", .string(1...254)), .optional("username", .string(1...254)),
        .field("password", .string(0...200)), .optional("deviceName", .string(0...100)),
    ])

    /// Whichever of the three names the client used.
    /// - Throws: `Problem` 422.
    func account() throws -> String {
        guard let account = login ?? email ?? username else { throw Problem.invalid("/login", "login is missing.") }
        return account
    }
}

struct RefreshInput: WireType {
    let refreshToken: Secret

    static let schema: Schema = .object([.field("refreshToken", .string(1...200))])
}
