import Broker
import Core
import ObjectStore

/// What a fleet shares. Without any of it, everything lies in the data folder.
struct StorageSettings: Sendable {
    /// `postgresql://…`; `nil` for SQLite.
    var databaseURL: Secret?
    /// Connections of this process to PostgreSQL.
    var databaseConnections = 10
    /// `nil`: there is one server, and no worker.
    var redis: RedisConfiguration?
    /// `nil` for files.
    var s3: S3Configuration?
    /// Whether clients are sent to S3 for large files instead of being passed the bytes.
    var redirects = false
    /// Holds `objects` and `uploads` when several processes share a file system; `nil` for the data folder.
    var sharedFolder: String?
    /// The secrets that sign tokens, the current one first, the same on every node; empty for `keys.json`.
    var signingKeys: [Secret] = []

    /// Whether several processes can work on the same data.
    var isFleet: Bool { databaseURL != nil }
}

extension StorageSettings {
    /// Reads what a fleet shares; faults are noted in the source.
    /// - Parameter scratchFolder: where copies of objects may lie.
    init(_ source: inout SettingsSource, scratchFolder: String) {
        databaseURL = source.secret("database.url")
        databaseConnections = source.number("database.connections", in: 1...1000) ?? databaseConnections
        sharedFolder = source.text("shared.folder").map(Settings.absolute)
        signingKeys = (source.list("signing.keys") ?? []).map(Secret.init)
        redis = Self.redis(&source)
        s3 = Self.s3(&source, scratchFolder: scratchFolder)
        redirects = source.flag("s3.redirects") ?? redirects
        source.add(faults)
    }

    /// What does not fit together.
    private var faults: [String] {
        var faults: [String] = []
        if let url = databaseURL?.reveal, !["postgresql://", "postgres://"].contains(where: url.hasPrefix) {
            faults.append("database.url must begin with postgresql://.")
        }
        if isFleet, signingKeys.isEmpty {
            faults.append(
                "signing.keys must be set with PostgreSQL: what one node signs has to hold on all. "
                    + "`openssl rand -base64 48` makes a key.")
        }
        if signingKeys.contains(where: { $0.reveal.utf8.count < 32 }) {
            faults.append("signing.keys must have 32 characters or more, each.")
        }
        if redis != nil, s3 == nil, sharedFolder == nil {
            faults.append("redis.url stands for several nodes: they need s3.endpoint or a shared.folder for their files.")
        }
        if redis != nil, !isFleet { faults.append("redis.url needs database.url: SQLite has one server only.") }
        return faults
    }

    private static func redis(_ source: inout SettingsSource) -> RedisConfiguration? {
        guard let text = source.shared("redis.url") else { return nil }
        do {
            var redis = RedisConfiguration(url: try RedisURL(text))
            redis.authorities = source.text("redis.authorities")
            return redis
        } catch {
            source.add(["redis.url: \(error)."])
            return nil
        }
    }

    private static func s3(_ source: inout SettingsSource, scratchFolder: String) -> S3Configuration? {
        guard let endpoint = source.shared("s3.endpoint") else { return nil }
        var s3 = S3Configuration(
            endpoint: endpoint, bucket: source.shared("s3.bucket") ?? "", accessKey: source.shared("s3.access.key") ?? "",
            secretKey: source.secret("s3.secret.key") ?? Secret(""), scratchFolder: scratchFolder)
        s3.region = source.shared("s3.region") ?? s3.region
        s3.style = source.sharedFlag("s3.path.style") ?? true ? .path : .virtualHost
        s3.payload = source.sharedChoice("s3.payload", Self.payloads) ?? s3.payload
        s3.publicEndpoint = source.text("s3.public.endpoint")
        s3.trustedCertificates = source.text("s3.authorities")
        if let gibibytes = source.number("s3.scratch.gibibytes", in: 1...100_000) { s3.scratchBytes = Int64(gibibytes) << 30 }
        do { try s3.validate() } catch { source.add(["\(error)."]) }
        return s3
    }

    private static let payloads = Dictionary(uniqueKeysWithValues: S3Configuration.Payload.allCases.map { ($0.rawValue, $0) })
}
