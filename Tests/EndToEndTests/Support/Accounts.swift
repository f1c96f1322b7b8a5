import Core
import Foundation
import NIOHTTP1
import TestSupport

/// Somebody with an account.
struct Account: Sendable {
    static let password = "correct horse battery"

    var email: String
    var id: String
}

/// The SQL by which accounts become members of sessions and cease to be, which no operation of the API does.
enum Membership {
    static func making(of account: String, in session: String, _ rights: Rights) -> String {
        """
        INSERT INTO grants (id, kind, user_id, session_id, rights, scopes, name, created_at)
        VALUES ('\(GrantID(at: Timestamp(milliseconds: 0)))', 'member', '\(account)', '\(session)', \(rights.rawValue), '', '', \(now))
        """
    }

    static func ending(of account: String, in session: String) -> String {
        "UPDATE grants SET revoked_at = \(now) WHERE kind = 'member' AND user_id = '\(account)' AND session_id = '\(session)'"
    }

    private static var now: Int64 { SystemWallClock().now().milliseconds }
}

extension ServerProcess {
    /// Runs a command of the program on this server's data, while it runs.
    @discardableResult
    func command(_ words: [String], input: String? = nil) async throws -> JSONValue {
        try await Tool("env").json(House.assignments + [Place.binary] + words + ["--data", data, "--json"], input: input)
    }

    func createAccount(_ name: String, role: Role = .photographer) async throws -> Account {
        let email = "\(name)@example.org"
        let words = ["user", "create", "--email", email, "--username", name, "--role", role.rawValue, "--password-stdin"]
        return Account(email: email, id: try await command(words, input: Account.password + "\n").text("id"))
    }

    func createKey(of account: Account, _ scopes: [Scope]) async throws -> String {
        let words = ["key", "create", "--user", account.email, "--name", "tests"]
        return try await command(words + scopes.flatMap { ["--scope", $0.rawValue] }).text("key")
    }

    /// Makes an account a member of a session; see `execute`.
    func admit(_ account: Account, to session: String, _ rights: Rights) async throws {
        try await execute(Membership.making(of: account.id, in: session, rights))
    }

    /// A client with the key of the first start, with which everything can be done.
    func newcomer() throws -> API {
        let welcome = try Data(contentsOf: URL(fileURLWithPath: data + "/welcome.json"))
        return api.with(try JSON.decode(JSONValue.self, from: welcome).text("apiKey"))
    }

    /// Signs in and returns what the server said.
    func signIn(_ account: Account, device: String = "tests") async throws -> JSONValue {
        try await api.json(
            .POST, "/api/auth/login",
            ["login": .string(account.email), "password": .string(Account.password), "deviceName": .string(device)])
    }

    /// A client with the account's access token.
    func client(_ account: Account) async throws -> API {
        api.with(try await signIn(account).text("accessToken"))
    }
}

/// A session with its owner's client.
struct Shoot: Sendable {
    var owner: API
    var id: String
    var code: String

    static func begin(_ owner: API, title: String = "Rehearsal", settings: JSONValue = [:]) async throws -> Shoot {
        let session = try await owner.json(
            .POST, "/api/sessions", ["title": .string(title), "settings": settings], expecting: 201)
        return Shoot(owner: owner, id: try session.text("id"), code: try session.text("accessCode"))
    }

    /// A client with the token of a guest who has come in by the code.
    func guest(_ name: String = "Gus") async throws -> API {
        let entry = try await owner.with(nil).json(
            .POST, "/api/sessions/\(id)/verify", ["accessCode": .string(code), "name": .string(name)])
        return owner.with(try entry.text("token"))
    }

    /// Sends a whole file and returns the photo's id.
    func upload(_ data: Data, as name: String, type: String = "image/jpeg") async throws -> String {
        let tus = TusClient(api: owner)
        let location = try await tus.create(session: id, filename: name, type: type, length: data.count)
        let answer = try await tus.patch(location, from: 0, data)
        guard answer.status == 204 else { throw API.Unexpected(description: "PATCH: \(answer.status) \(answer.text)") }
        return TusClient.id(of: location)
    }

    /// The photo as the owner sees it, once it is no longer being processed.
    func settled(_ photo: String, within limit: Duration = .seconds(90)) async throws -> JSONValue {
        try await eventually("photo \(photo) to be processed", within: limit) {
            let answer = try await owner.get("/api/photos/\(photo)")
            guard answer.status == 200, answer.json["status"]?.stringValue != "processing" else { return nil }
            return answer.json
        }
    }

    /// All photos as the owner sees them.
    func photos() async throws -> [JSONValue] { try await owner.all("/api/photos?session=\(id)") }
}
