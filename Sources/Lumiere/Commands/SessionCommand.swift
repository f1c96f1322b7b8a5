import ArgumentParser

/// `lumiere session`: whole sessions.
struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "Write sessions down and take them over.", subcommands: [Export.self, Import.self])
}
