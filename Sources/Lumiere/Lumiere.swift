import ArgumentParser
import Glibc

/// The command line.
@main
struct Lumiere: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "lumiere", abstract: "A live media service: photos on every screen while the event runs.",
        version: version,
        subcommands: [
            ServeCommand.self, WorkerCommand.self, MigrateCommand.self, SeedCommand.self, UserCommand.self, KeyCommand.self,
            SessionCommand.self, MediaCommand.self, EventsCommand.self, TetherCommand.self, ConfigCommand.self, DecodeCommand.self,
        ])

    /// Ends without the finalizers of libraries: libkrb5's, which comes with libpq, abort when a thread still uses it.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand { try await waiting.run() } else { try command.run() }
        } catch {
            exit(withError: error)
        }
        fflush(nil)
        _exit(EXIT_SUCCESS)
    }
}
