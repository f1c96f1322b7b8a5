import ArgumentParser
import Core
import Ingest
import ObjectStore
import WebServer

/// `lumiere config`: looks at the configuration without starting anything.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say whether the configuration makes sense.")

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            let settings = try await shared.settings()
            try settings.requireDecoder()
            print(
                """
                The configuration is valid.
                  data      \(settings.dataFolder)
                  database  \(settings.storage.isFleet ? "PostgreSQL" : "SQLite")
                  events    \(settings.storage.redis == nil ? "in the process" : "over Redis")
                  files     \(settings.storage.s3.map { "S3, bucket \($0.bucket)" } ?? settings.objectsFolder)
                  listen    \(settings.server.host):\(settings.server.port)
                  public    \(settings.server.publicURL ?? "as clients call it")
                  web       \(settings.webRoot ?? "none")
                  decoders  \(settings.decoders) x \(settings.decoderPath)
                  pictures  \(settings.recipe.summary)
                  uploads   \(settings.ingest.durability.rawValue), up to \(settings.ingest.maxUploadSize >> 20) MiB
                """)
        }
    }
}

extension Recipe {
    /// Sizes, formats and mark on one line.
    fileprivate var summary: String {
        let edges = sizes.map { "\($0.name.rawValue) \($0.longEdge)" }.joined(separator: ", ")
        let mark = watermark == nil ? "" : ", with a watermark"
        return "\(edges) as \(formats.map(\.rawValue).joined(separator: ", "))\(mark)"
    }
}
