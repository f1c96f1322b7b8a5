import ArgumentParser

/// `lumiere worker`: only processing, beside servers that share a database.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Process uploads only, beside servers that share PostgreSQL, Redis and S3.")

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        _ = try await shared.settings()
        throw ValidationError(
            """
            With the embedded database, `lumiere serve` processes uploads by itself and is the only process that can \
            publish what comes of it. Workers of their own need a database, a broker and an object store that several \
            processes share.
            """)
    }
}
