import ArgumentParser

/// The command line.
@main
struct Lumiere: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "lumiere", abstract: "A live media service: photos on every screen while the event runs.",
        version: version,
        subcommands: [
            ServeCommand.self, WorkerCommand.self, MigrateCommand.self, SeedCommand.self, UserCommand.self, KeyCommand.self,
            MediaCommand.self, EventsCommand.self, TetherCommand.self, ConfigCommand.self, DecodeCommand.self,
        ])
}
