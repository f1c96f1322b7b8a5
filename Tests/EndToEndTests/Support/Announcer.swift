import Broker
import Core
import Database
import TestSupport

/// Commits events into a server's database from aside, as a command of the program does that runs beside it: the server's relay
/// publishes them, whenever it runs.
final class Announcer: Sendable {
    private let database: SQLiteDatabase
    private let outbox: Outbox

    private init(_ database: SQLiteDatabase, _ outbox: Outbox) {
        self.database = database
        self.outbox = outbox
    }

    /// - Parameter server: has made its database.
    static func open(beside server: ServerProcess) async throws -> Announcer {
        let database = try await SQLiteDatabase.open(server.data + "/lumiere.sqlite", configuration: SQLiteConfiguration(role: .guest))
        return Announcer(database, Outbox(transport: try await InProcessBroker(database: database)))
    }

    /// Commits one event; it may be told to some before this returns.
    /// - Parameters:
    ///   - number: what it says.
    ///   - padding: bytes that it says besides.
    func announce(_ number: Int, to topic: Topic, padding: Int = 0) async throws {
        let more = padding > 0 ? #","padding":"\#(String(repeating: "-", count: padding))""# : ""
        let event = DurableEvent(topic: topic, name: "new_photo", data: #"{"number":\#(number),"topic":"\#(topic.name)"\#(more)}"#)
        try await database.write { [outbox] transaction in try outbox.publish(event, in: transaction) }
    }

    /// The offsets of all events of a topic, in order.
    func offsets(of topic: Topic) async throws -> [Int64] {
        try await database.read { try $0.query("SELECT sequence FROM outbox WHERE topic = \(topic.name) ORDER BY sequence").map { try $0.get("sequence") } }
    }

    func close() async throws { try await database.close() }
}
