import ArgumentParser
import Broker
import Core

/// `lumiere worker`: only processing, beside servers that share a database.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Process uploads only, beside servers that share PostgreSQL, Redis and S3.")

    @OptionGroup var shared: SharedOptions

    @Option(name: .long, help: "A file to write {\"pid\"} to once the work begins.")
    var readyFile: String?

    func run() async throws {
        let settings = try await shared.settings()
        guard settings.storage.isFleet, settings.storage.redis != nil else {
            throw ValidationError(
                """
                Without DATABASE_URL and REDIS_URL, `lumiere serve` processes uploads by itself and is the only process that \
                can publish what comes of it. Workers of their own need a database and a broker that several processes \
                share, and originals that they can reach: S3_ENDPOINT, or a shared folder.
                """)
        }
        guard settings.decoders > 0 else { throw ValidationError("decoder.count must be 1 or more for a worker.") }
        let house = try await House(settings, role: .publisher)
        let ready = ReadyFile(path: readyFile, logger: house.logger)
        try await house.work { ready.write([:]) }
    }
}
