import ArgumentParser
import Core
import Database

/// `lumiere migrate`: the schema.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database schema up or down, or show where it is.",
        subcommands: [Up.self, Down.self, Status.self, Create.self, Reset.self], defaultSubcommand: Status.self)

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Apply every migration that is missing.")
        @OptionGroup var shared: SharedOptions

        func run() async throws {
            let numbers = try await House.migrator(try await shared.settings()).up()
            print(numbers.isEmpty ? "The schema is up to date." : "Applied \(numbers.map(String.init).joined(separator: ", ")).")
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Undo every migration above a number. Their data is lost.")
        @OptionGroup var shared: SharedOptions

        @Option(name: .long, help: "The number to go back to; 0 undoes all.")
        var to: Int

        @Flag(name: .long, help: "Needed in a fleet, where nothing keeps running servers from losing their tables.")
        var yes = false

        func run() async throws {
            let settings = try await shared.settings()
            if settings.storage.isFleet, !yes { throw ValidationError("Stop every server and worker first, then say --yes.") }
            let lock = try DataLock(folder: settings.dataFolder)
            let numbers = try await House.migrator(settings).down(to: to)
            withExtendedLifetime(lock) {}
            print("Undone: \(numbers.map(String.init).joined(separator: ", ")).")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the migrations.")
        @OptionGroup var shared: SharedOptions

        func run() async throws {
            for migration in try await House.migrator(try await shared.settings()).status() {
                print("\(migration.number)  \(migration.state)  \(migration.name)")
            }
        }
    }
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make the database, empty, if it is missing.")
        @OptionGroup var shared: SharedOptions

        func run() async throws {
            let isNew = try await House.createDatabase(try await shared.settings())
            print(isNew ? "The database has been made." : "There is a database already.")
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Undo every migration and apply them again. All data is lost.")
        @OptionGroup var shared: SharedOptions

        @Flag(name: .long, help: "Needed, so that nobody does it by mistake.")
        var yes = false

        func run() async throws {
            guard yes else { throw ValidationError("All data would be lost; say --yes if you mean it.") }
            let settings = try await shared.settings()
            let lock = try DataLock(folder: settings.dataFolder)
            try await House.migrator(settings).reset()
            withExtendedLifetime(lock) {}
            print("The schema is new and empty.")
        }
    }
}
