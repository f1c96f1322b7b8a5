import Accounts
import Configuration
import Core
import Foundation
import Ingest
import Logging
import Sessions
import WebServer
import Webhooks

extension Settings {
    /// Reads and checks everything.
    /// - Parameter reporter: is told of every setting that is looked up.
    /// - Throws: `SettingsError` with every fault found.
    static func read(
        flags: [String: String], file: String?, reporter: (any AccessReporter)? = nil
    ) async throws -> Settings {
        var source: SettingsSource
        do {
            source = try await SettingsSource(flags: flags, file: file, reporter: reporter)
        } catch {
            throw SettingsError(faults: ["The configuration file cannot be read: \(error)"])
        }
        var settings = Settings()
        settings.readHouse(&source)
        settings.readServer(&source)
        settings.readIngest(&source)
        settings.readQuotas(&source)
        settings.media = MediaRules(&source)
        settings.recipe = Recipe(&source)
        settings.makesAVIFOnDemand = source.choice("renditions.avif", ["onDemand": true, "off": false]) ?? true
        settings.readFilms(&source)
        settings.readAccounts(&source)
        settings.readWebhooks(&source)
        settings.storage = StorageSettings(&source, scratchFolder: settings.copiesFolder)
        settings.readDelivery(&source)
        source.add(settings.ingest.faults)
        guard source.faults.isEmpty else { throw SettingsError(faults: source.faults) }
        return settings
    }

    private mutating func readHouse(_ source: inout SettingsSource) {
        dataFolder = Self.absolute(source.text("data") ?? dataFolder)
        webRoot = source.text("web.root") ?? Self.defaultWebRoot
        decoderPath = source.text("decoder.path") ?? Self.siblingDecoder
        decoders = source.number("decoder.count", in: 0...64) ?? max(1, min(ProcessInfo.processInfo.activeProcessorCount, 8))
        expressDecoders = source.number("decoder.express", in: 0...8) ?? expressDecoders
        let levels = Logger.Level.allCases.map { ($0.rawValue, $0) }
        logLevel = source.choice("log.level", Dictionary(uniqueKeysWithValues: levels)) ?? logLevel
        metricsArePublic = source.flag("metrics.public") ?? metricsArePublic
    }

    /// What only a server needs: commands on the data also work where no decoder is installed.
    /// - Throws: `SettingsError` when there is no decoder program.
    func requireDecoder() throws {
        guard FileManager.default.isExecutableFile(atPath: decoderPath) else {
            throw SettingsError(faults: ["decoder.path: there is no program at \(decoderPath)."])
        }
    }

    private mutating func readFilms(_ source: inout SettingsSource) {
        let isWanted = source.choice("video.transcode", ["off": false, "h264": true]) ?? false
        var encoding = FilmEncoding()
        encoding.maximumLines = source.number("video.lines", in: FilmEncoding.lines) ?? encoding.maximumLines
        encoding.rateFactor = source.number("video.quality", in: FilmEncoding.rateFactors) ?? encoding.rateFactor
        let presets = FilmEncoding.Preset.allCases.map { ($0.rawValue, $0) }
        encoding.preset = source.choice("video.preset", Dictionary(uniqueKeysWithValues: presets)) ?? encoding.preset
        encoding.threads = source.number("video.threads", in: FilmEncoding.threadCounts) ?? encoding.threads
        filmHours = source.number("video.hours", in: 1...48) ?? filmHours
        filmEncoding = isWanted ? encoding : nil
    }

    private mutating func readServer(_ source: inout SettingsSource) {
        server.host = source.text("server.host") ?? server.host
        server.port = source.number("server.port", in: 0...65_535) ?? server.port
        server.publicURL = source.text("server.public.url").map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let networks = source.list("server.trusted.proxies") {
            if let proxies = TrustedProxies(networks) { server.trustedProxies = proxies } else {
                source.add(["server.trusted.proxies must be addresses or networks such as 10.0.0.0/24."])
            }
        }
        tls = readTLS(&source)
        server.maximumConnections = source.number("server.connections", in: 1...1_000_000) ?? server.maximumConnections
        server.limits.connectionsPerAddress =
            source.number("server.address.connections", in: 1...1_000_000) ?? server.limits.connectionsPerAddress
        origins = source.list("server.origins") ?? origins
        server.origins = .init(origins)
        compressesMessages = source.flag("sockets.compression") ?? compressesMessages
        if let url = server.publicURL, URL(string: url)?.host() == nil {
            source.add(["server.public.url must be a URL such as https://photos.example.org."])
        }
    }

    private func readTLS(_ source: inout SettingsSource) -> TLSFiles? {
        let (certificate, key) = (source.text("server.tls.certificate"), source.text("server.tls.key"))
        if let certificate, let key { return TLSFiles(certificates: certificate, key: key) }
        if certificate != nil || key != nil {
            source.add(["server.tls.certificate and server.tls.key are set both or neither."])
        }
        return nil
    }

    private mutating func readIngest(_ source: inout SettingsSource) {
        typealias Durability = IngestConfiguration.Durability
        let kinds = Durability.allCases.map { ($0.rawValue, $0) }
        ingest.durability = source.choice("ingest.durability", Dictionary(uniqueKeysWithValues: kinds)) ?? ingest.durability
        if let mebibytes = source.number("ingest.max.mebibytes", in: 1...(1 << 24)) {
            ingest.maxUploadSize = Int64(mebibytes) << 20
        }
        if let hours = source.number("ingest.expiry.hours", in: 1...8760) { ingest.expiresAfter = .seconds(hours * 3600) }
        ingest.maxTransfers = source.number("ingest.transfers", in: 1...100_000) ?? ingest.maxTransfers
        ingest.transfersPerUploader =
            source.number("ingest.uploader.transfers", in: 1...100_000) ?? ingest.transfersPerUploader
        ingest.openUploadsPerUploader = source.number("ingest.open.uploads", in: 1...1_000_000) ?? ingest.openUploadsPerUploader
    }

    private mutating func readQuotas(_ source: inout SettingsSource) {
        ingest.sessionQuota = Self.quota("session", &source)
        ingest.accountQuota = Self.quota("account", &source)
        ingest.grantQuota = Self.quota("key", &source)
    }

    /// What nobody sets is not limited.
    private static func quota(_ holder: String, _ source: inout SettingsSource) -> UploadQuota {
        UploadQuota(
            files: source.number("ingest.quota.\(holder).files", in: 0...1_000_000_000),
            bytes: source.number("ingest.quota.\(holder).mebibytes", in: 0...(1 << 34)).map { Int64($0) << 20 },
            open: source.number("ingest.quota.\(holder).uploads", in: 1...1_000_000))
    }

    private mutating func readAccounts(_ source: inout SettingsSource) {
        typealias Registration = AccountSettings.Registration
        let choices: [String: Registration] = [
            "photographer": .open(.photographer), "member": .open(.member), "closed": .closed,
        ]
        accounts.registration = source.choice("accounts.registration", choices) ?? accounts.registration
        accounts.passwordCost = source.number("accounts.password.cost", in: 14...20) ?? accounts.passwordCost
        if let days = source.number("links.log.days", in: 1...3650) { links.logRetention = .seconds(days * 86_400) }
        if let days = source.number("audit.days", in: 1...3650) { auditRetention = .seconds(days * 86_400) }
    }

    private mutating func readWebhooks(_ source: inout SettingsSource) {
        if source.flag("webhooks.private") == true { webhooks.reach = .anywhere }
        if let texts = source.list("webhooks.denied") {
            let networks = texts.compactMap(IPNetwork.init)
            if networks.count == texts.count { webhooks.reach = webhooks.reach.denying(networks) } else {
                source.add(["webhooks.denied must be addresses or networks such as 198.51.100.0/24."])
            }
        }
        webhooks.authorities = source.text("webhooks.authorities")
        if let file = webhooks.authorities, !FileManager.default.isReadableFile(atPath: file) {
            source.add(["webhooks.authorities: \(file) cannot be read."])
        }
    }

    /// The folder of the running program: `lumiere-decode` lies beside it.
    private static let programFolder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    private static let siblingDecoder = programFolder + "/lumiere-decode"

    /// Installed beside the program, or in the folder we were started in.
    private static var defaultWebRoot: String? {
        [programFolder + "/../share/lumiere/web", "web"].first { FileManager.default.fileExists(atPath: $0 + "/gallery.html") }
    }

    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

/// Settings that make no sense, all of them at once.
struct SettingsError: Error, CustomStringConvertible {
    var faults: [String]
    var description: String { faults.joined(separator: "\n") }
}
