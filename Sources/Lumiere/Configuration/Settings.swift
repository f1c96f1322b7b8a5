import Accounts
import Core
import Delivery
import Ingest
import Logging
import Sessions
import WebServer
import Webhooks

/// Everything an operator can set, read and checked. Flags win over the environment, the environment over the file.
struct Settings: Sendable {
    /// The folder that holds all state of the embedded mode.
    var dataFolder = "var"
    /// The web client's files; `nil` serves none.
    var webRoot: String?
    /// The decoder program.
    var decoderPath = ""
    /// Decoder processes; a server of a fleet may leave the work to workers and have none.
    var decoders = 2
    /// Further ones that make nothing but first thumbnails.
    var expressDecoders = 1
    var logLevel = Logger.Level.info
    /// Whether anybody may read `/metrics`.
    var metricsArePublic = false
    /// Pages of other origins that may use the API and the sockets; `*` for all.
    var origins: [String] = []
    /// Whether messages of sockets may be compressed.
    var compressesMessages = true
    var storage = StorageSettings()
    var server = WebServerConfiguration()
    /// Of a server that speaks TLS itself.
    var tls: TLSFiles?
    var ingest = IngestConfiguration()
    /// What may be uploaded.
    var media = MediaRules()
    /// What photos become in sessions that want nothing else.
    var recipe = Recipe.standard
    /// Whether stills are made as AVIF, too, once somebody asks for them.
    var makesAVIFOnDemand = true
    /// How films are encoded anew that browsers cannot play; `nil` for not at all.
    var filmEncoding: FilmEncoding?
    /// Hours that one may take.
    var filmHours = 4
    var delivery = MediaResponder.Configuration()
    var accounts = AccountSettings()
    var links = ShareLinkSettings()
    /// How long it is known who changed what in sessions.
    var auditRetention = Duration.seconds(365 * 86_400)
    var webhooks = WebhookConfiguration()

    var databasePath: String { dataFolder + "/lumiere.sqlite" }
    /// Where files lie that other processes may have to see.
    var filesFolder: String { storage.sharedFolder ?? dataFolder }
    var objectsFolder: String { filesFolder + "/objects" }
    /// Of the decoders; emptied at every start.
    var scratchFolder: String { dataFolder + "/scratch" }
    /// Of the decoders that make previews; emptied at every start.
    var previewFolder: String { dataFolder + "/previews" }
    /// Of objects that are not local files.
    var copiesFolder: String { dataFolder + "/copies" }
}
