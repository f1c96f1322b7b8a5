import CPostgres
import Core

/// The connection that notifications come and go by. Used by one thread, which it blocks.
final class ListeningLink {
    private let link: OpaquePointer
    private var channels: Set<String> = []

    /// - Throws: `DatabaseError`.
    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration) throws {
        link = try PostgresLink.open(address, configuration)
        // All stored properties are set: should this throw, `deinit` finishes the connection.
        try run("SET statement_timeout = \(configuration.statementTimeout.milliseconds)")
    }

    deinit { PQfinish(link) }

    var socket: Int32 { PQsocket(link) }

    /// Listens to these channels and to no others.
    /// - Returns: those not listened to before: something may have been missed there.
    func listen(to wanted: Set<String>) throws -> Set<String> {
        let added = wanted.subtracting(channels)
        for channel in channels.subtracting(wanted) { try run("UNLISTEN \(Self.quoted(channel))") }
        for channel in added { try run("LISTEN \(Self.quoted(channel))") }
        channels = wanted
        return added
    }

    /// - Parameter node: who says so.
    func notify(_ channel: String, from node: String) throws { try run("NOTIFY \(Self.quoted(channel)), '\(node)'") }

    /// The channels that others have notified since the last call.
    func heard(except node: String) throws -> Set<String> {
        guard PQconsumeInput(link) == 1 else { throw PostgresFailure.lost(PostgresLink.message(of: link)).error }
        var heard: Set<String> = []
        while let notification = PQnotifies(link) {
            defer { PQfreemem(notification) }
            let sender = notification.pointee.extra.map { String(cString: $0) }
            guard sender != node, let name = notification.pointee.relname.map({ String(cString: $0) }) else { continue }
            heard.insert(String(name.dropFirst(Self.prefix.count)))
        }
        return heard
    }

    private func run(_ command: String) throws {
        do throws(PostgresFailure) { try PostgresLink.execute(command, on: link) } catch { throw error.error }
    }

    private static let prefix = "lumiere_"

    private static func quoted(_ channel: String) -> String { "\"\(prefix)\(channel)\"" }
}
