import Accounts
import ArgumentParser
import Core

/// `lumiere key`: API keys.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Manage API keys.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create an API key; also while a server runs.")

        @OptionGroup var shared: SharedOptions
        @Option(name: .long, help: "The account's email address or username.") var user: String
        @Option(name: .long, help: "upload, read or manage; may be given several times.") var scope: [String]
        @Option(name: .long, help: "What the key is for.") var name = "command line"
        @Flag(name: .long, help: "Print one JSON object.") var json = false

        func run() async throws {
            let scopes = scope.compactMap(Scope.init(rawValue:))
            guard scopes.count == scope.count, !scopes.isEmpty else {
                throw ValidationError("--scope is upload, read or manage.")
            }
            let settings = try await shared.settings()
            let accounts = AccountService(database: try await House.guestDatabase(settings), settings: settings.accounts)
            let new = try await readably {
                try await accounts.createKey(user: user, scopes: Set(scopes), name: name)
            }
            if json {
                try printJSON(["id": .string(new.id.description), "key": .string(new.key.reveal)])
            } else {
                print("Key \(new.id): \(new.key.reveal)")
            }
        }
    }
}
