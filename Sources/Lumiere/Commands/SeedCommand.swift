import Accounts
import ArgumentParser
import Broker
import Core
import Database
import Processing
import Sessions

/// `lumiere seed`: something to look at.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Add sample accounts and sessions; those that are there already stay as they are.")

    @OptionGroup var shared: SharedOptions
    @Flag(name: .long, help: "Read the accounts' password from the first line of standard input.") var passwordStdin = false

    private static let people = [("ada", Role.photographer), ("bo", .photographer), ("cleo", .member)]
    private static let sessions = [("ada", "Ada's first wedding", "SAMPLE-1"), ("bo", "Harbour festival", "SAMPLE-2")]

    func run() async throws {
        guard passwordStdin, let password = readLine() else {
            throw ValidationError("Give the accounts' password on standard input, with --password-stdin.")
        }
        let settings = try await shared.settings()
        let database = try await House.guestDatabase(settings)
        let feature = AccountsFeature(
            database: database, signingKeys: try HouseFeatures.signingKeys(settings), settings: settings.accounts)
        let broker = try await InProcessBroker(database: database)
        let service = SessionService(
            database: database, grants: feature.grants, signer: feature.grantChecker, attempts: feature.attempts,
            jobs: JobStore(), events: Outbox(transport: broker), nudges: broker, accounts: feature.accounts, clock: SystemWallClock())
        var owners: [String: UserID] = [:]
        for (name, role) in Self.people {
            owners[name] = try await ifMissing("account \(name)") {
                try await feature.accounts.createUser(
                    email: "\(name)@example.org", username: name, password: password, role: role
                ).id
            }
        }
        for (owner, title, code) in Self.sessions {
            guard let owner = owners[owner] else { continue }
            _ = try await ifMissing("session \(code)") {
                try await service.create(title: title, accessCode: code, owner: owner)
            }
        }
        try await database.close()
    }

    /// - Returns: `nil` when somebody has made it already.
    private func ifMissing<Value>(_ what: String, _ make: () async throws -> Value) async throws -> Value? {
        do {
            let value = try await make()
            print("Added \(what).")
            return value
        } catch let problem as Problem where problem.status == 409 {
            print("There is a \(what) already.")
            return nil
        }
    }
}
