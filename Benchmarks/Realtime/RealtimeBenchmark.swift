import ArgumentParser

@main
struct RealtimeBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how events reach many clients.", subcommands: [LoadCommand.self, ServeCommand.self])
}
