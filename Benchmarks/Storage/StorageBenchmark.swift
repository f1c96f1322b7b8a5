import ArgumentParser

/// What the storage drivers do for their callers, measured one thing at a time. The scripts beside it start this program
/// and its peers in turn and print the ratios.
@main
struct StorageBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the storage drivers.",
        subcommands: [
            PrepareCommand.self, ScriptCommand.self, QueryCommand.self, PublishCommand.self, UploadCommand.self,
            ServerCommand.self,
        ])
}
