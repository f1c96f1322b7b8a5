import Core
import Synchronization
import TestSupport

/// A client of `/ws` that keeps what it is told.
final class SocketClient: Sendable {
    struct Event: Sendable {
        var json: JSONValue
        var type: String { json["type"]?.stringValue ?? "" }
        var topic: String? { json["topic"]?.stringValue }
        var data: JSONValue { json["data"] ?? .null }
        var offset: Int64? { json["offset"]?.integerValue }
    }

    private let line: WebSocketLine
    private let commands = Atomic<Int>(0)

    private init(_ line: WebSocketLine) { self.line = line }

    static func connect(port: Int, token: String? = nil) async throws -> SocketClient {
        SocketClient(try await WebSocketLine.open(port: port, path: "/ws", token: token))
    }

    // MARK: Commands

    /// Sends a command and waits for its answer, an `ack` or an `error`.
    func ask(_ type: String, _ data: JSONValue = [:]) async throws -> Event {
        let id = JSONValue.string("c\(commands.add(1, ordering: .relaxed).newValue)")
        try await line.send(["type": .string(type), "data": data, "id": id])
        return Event(json: try await line.message("the answer to \(type)", within: .seconds(30)) { $0["id"] == id })
    }

    /// Joins by the access code, or without it by who the client is.
    /// - Parameter since: what an earlier join and the events after it said.
    @discardableResult
    func join(_ shoot: Shoot, code: Bool, since: (epoch: String, offset: Int64)? = nil) async throws -> JSONValue {
        var data: [String: JSONValue] = ["sessionId": .string(shoot.id)]
        if code { data["accessCode"] = .string(shoot.code) }
        if let since {
            data["epoch"] = .string(since.epoch)
            data["offset"] = .integer(since.offset)
        }
        let answer = try await ask("join_session", .object(data))
        guard answer.type == "ack" else { throw API.Unexpected(description: "join_session: \(answer.json)") }
        return answer.data
    }

    func close() async { await line.close() }

    // MARK: Events

    var events: [Event] { line.messages.map(Event.init) }

    /// Waits for the first event of a type that fits; it may have come already.
    func event(
        _ type: String, within limit: Duration = .seconds(60), where fits: (Event) -> Bool = { _ in true }
    ) async throws -> Event {
        Event(
            json: try await line.message("the event \(type)", within: limit) {
                let event = Event(json: $0)
                return event.type == type && fits(event)
            })
    }

    /// Waits until the server has closed the connection.
    func closed(within limit: Duration = .seconds(20)) async throws { try await line.closed(within: limit) }
}
