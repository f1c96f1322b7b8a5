import Broker
import Core
import Database
import Logging
import ObjectStore

/// Where everything is kept: the embedded drivers behind Core's storage ports.
struct HouseStorage: Sendable {
    let lock: DataLock
    let database: any DatabaseDriver
    let objects: DiskObjectStore
    let broker: InProcessBroker
    let outbox: Outbox

    /// Opens the data folder for this process alone and brings the schema up to date.
    /// - Throws: `SettingsError` when another server runs on it.
    init(_ settings: Settings, logger: Logger) async throws {
        lock = try DataLock(folder: settings.dataFolder)
        database = try await House.openDatabase(settings, logger: logger)
        objects = try DiskObjectStore(root: settings.objectsFolder)
        broker = try await InProcessBroker(database: database)
        outbox = Outbox(transport: broker)
    }
}
