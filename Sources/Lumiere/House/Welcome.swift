import Accounts
import Core
import Foundation
import Glibc
import Sessions

/// What a newcomer is told at the first start, and the way in that the demo uses.
struct Welcome: Sendable, Codable {
    var email: String
    var apiKey: String
    var sessionID: SessionID
    var accessCode: String

    /// On an empty database, makes the first account, a key and a session. Later it reads what it noted then, and
    /// makes a fresh session when a demo is to start.
    static func prepare(_ house: House, startsDemo: Bool) async throws -> Welcome? {
        let file = URL(fileURLWithPath: house.settings.dataFolder + "/welcome.json")
        if try await !house.features.accounts.accounts.hasUsers() {
            // Of several nodes that start at once one is first, and says so.
            do { return try await firstStart(house, noting: file) } catch let problem as Problem where problem.status == 409 {
                return nil
            }
        }
        guard let data = try? Data(contentsOf: file), var welcome = try? JSON.decode(Welcome.self, from: data) else {
            return nil
        }
        guard startsDemo else { return welcome }
        try await welcome.makeSession(house)
        try welcome.note(in: file)
        return welcome
    }

    /// Prints the way in.
    func say(_ url: String) {
        Self.print(
            """

            Lumiere is running at \(url)

              gallery       \(url)/gallery/\(accessCode)
              access code   \(accessCode)
              session       \(sessionID)
              API           \(url)/docs

            """)
    }

    /// Prints the credentials, once: before anything else can go wrong, as nobody can ask for the password again.
    private static func say(_ password: Secret, of email: String) {
        print(
            """

            The first account, shown only this once:

              sign in       \(email)  \(password.reveal)
            """)
    }

    fileprivate static func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private static func firstStart(_ house: House, noting file: URL) async throws -> Welcome {
        let accounts = house.features.accounts.accounts
        let password = Secret(RandomToken.secret(bytes: 12))
        let user = try await accounts.createUser(
            email: "admin@lumiere.local", username: "admin", password: password.reveal, role: .admin)
        say(password, of: user.email)
        let key = try await accounts.createKey(user: user.email, scopes: Set(Scope.allCases), name: "first start")
        let session = try await house.features.sessions.create(title: demoTitle, owner: user.id)
        let welcome = Welcome(
            email: user.email, apiKey: key.key.reveal, sessionID: session.id, accessCode: session.accessCode ?? "")
        print("  API key       \(welcome.apiKey)")
        try welcome.note(in: file)
        return welcome
    }

    private mutating func makeSession(_ house: House) async throws {
        guard case .key(_, let owner, _, _) = try await house.features.accounts.authenticator.principal(bearer: apiKey) else { return }
        let session = try await house.features.sessions.create(title: Self.demoTitle, owner: owner)
        sessionID = session.id
        accessCode = session.accessCode ?? ""
    }

    private static let demoTitle = "Summer evening"

    /// Notes the way in beside the database, for its owner's eyes only.
    private func note(in file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SettingsError(faults: ["\(file.path) cannot be written."]) }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: JSON.encode(self))
    }
}

extension Welcome? {
    func say(_ url: String) {
        guard let welcome = self else { return Welcome.print("Lumiere is running at \(url)") }
        welcome.say(url)
    }
}
