import ArgumentParser
import Broker
import Core
import Database

/// `lumiere events`: what clients are told as it happens.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Manage the history of events that clients recover from.", subcommands: [Renew.self])

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin a new history, after the database was restored from a backup; also while a server runs.",
            discussion: """
                Clients that were ahead of the backup hold places in a history that is gone. Run this once after a restore, \
                before the first server starts: every client then reads the current state instead of going on from its place.
                """)

        @OptionGroup var shared: SharedOptions
        @Flag(name: .long, help: "Print one JSON object.") var json = false

        func run() async throws {
            let database = try await House.guestDatabase(try await shared.settings())
            let epoch = try await Outbox.renewHistory(in: database)
            try await database.close()
            guard let epoch else {
                throw ValidationError("No server has ever run on this database: it has no history that could be renewed.")
            }
            if json { try printJSON(["epoch": .string(epoch)]) } else { print("A new history has begun: \(epoch).") }
        }
    }
}
