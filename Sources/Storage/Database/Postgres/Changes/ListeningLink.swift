import CPostgres
import Core
import Glibc

/// The connection that notifications come and go by. Used by one thread, which it blocks.
final class ListeningLink {
    private let link: OpaquePointer
    /// For an answer.
    private let limit: Duration
    private var channels: Set<String> = []

    /// - Throws: `DatabaseError`.
    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration) throws {
        link = try PostgresLink.open(address, configuration)
        limit = configuration.connectTimeout
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
        guard PQconsumeInput(link) == 1 else { throw lost }
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
        guard PQsendQuery(link, command) == 1 else { throw lost }
        let deadline = ContinuousClock.now + limit
        while true {
            while PQisBusy(link) == 1 {
                var answer = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                let left = ContinuousClock.now.duration(to: deadline).milliseconds
                guard left > 0, poll(&answer, 1, Int32(min(left, 60_000))) > 0, PQconsumeInput(link) == 1 else { throw lost }
            }
            guard let result = PQgetResult(link).map(PostgresResult.init) else { return }
            guard result.status == PGRES_COMMAND_OK else {
                throw PostgresLink.failure(of: result, on: link, statement: command).error
            }
        }
    }

    private var lost: Core.DatabaseError {
        let message = PostgresLink.message(of: link)
        return PostgresFailure.lost(message.isEmpty ? "the server does not answer" : message).error
    }

    private static let prefix = "lumiere_"

    private static func quoted(_ channel: String) -> String { "\"\(prefix)\(channel)\"" }
}
