import Accounts
import ArgumentParser
import Core

/// `lumiere user`: accounts.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Manage accounts.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create an account; also while a server runs.")

        @OptionGroup var shared: SharedOptions
        @Option(name: .long) var email: String
        @Option(name: .long) var username: String
        @Option(name: .long, help: "admin, photographer or member.") var role = "photographer"
        @Flag(name: .long, help: "Read the password from the first line of standard input.") var passwordStdin = false
        @Flag(name: .long, help: "Print one JSON object.") var json = false

        func run() async throws {
            guard let role = Role(rawValue: role) else { throw ValidationError("--role is admin, photographer or member.") }
            guard passwordStdin, let password = readLine() else {
                throw ValidationError("Give the password on standard input, with --password-stdin.")
            }
            let settings = try await shared.settings()
            let accounts = AccountService(database: try await House.guestDatabase(settings), settings: settings.accounts)
            let user = try await readably {
                try await accounts.createUser(email: email, username: username, password: password, role: role)
            }
            if json {
                try printJSON([
                    "id": .string(user.id.description), "email": .string(user.email),
                    "username": .string(user.username), "role": .string(user.role.rawValue),
                ])
            } else {
                print("Created \(user.username) (\(user.role.rawValue)), id \(user.id).")
            }
        }
    }
}

/// Turns a problem into what the command line prints.
func readably<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let problem as Problem {
        throw ValidationError("\(problem.detail) (\(problem.code))")
    }
}
