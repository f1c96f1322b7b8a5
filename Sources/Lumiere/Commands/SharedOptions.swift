import ArgumentParser
import Core
import Logging

/// Flags every command takes.
struct SharedOptions: ParsableArguments {
    @Option(name: .long, help: "The folder that holds all data (default: var).")
    var data: String?

    @Option(name: .long, help: "A JSON configuration file.")
    var config: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    /// The flags by configuration key.
    var flags: [String: String] {
        ["data": data, "log.level": logLevel].compactMapValues { $0 }
    }

    /// Reads the settings, with a command's own flags on top, and sets up logging.
    /// - Throws: `ValidationError` that lists every fault.
    func settings(_ more: [String: String?] = [:]) async throws -> Settings {
        do {
            return try await Settings.read(
                flags: flags.merging(more.compactMapValues { $0 }) { _, own in own }, file: config)
        } catch let error as SettingsError {
            throw ValidationError(error.description)
        }
    }
}

extension Settings {
    /// A logger to standard error at the configured level.
    func logger(_ label: String = "lumiere") -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }
}

/// Prints one JSON object on a line of its own.
func printJSON(_ value: JSONValue) throws { print(try JSON.text(value)) }
