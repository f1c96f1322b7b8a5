import Core
import NIOCore
import Sockets

/// One client of `/socket.io/` in a namespace, from its admission to its leave: events are Socket.IO's own.
///
/// An event is `[name, data]`; one that can be recovered has its offset, a string, as third element. Acknowledgements carry the
/// command's answer, or `{"error":{"code","detail"}}`.
final class SocketIOWire: ClientWire {
    let kind = WireKind.socketIO
    let namespace: SocketIONamespace
    /// What the client calls itself.
    let id: String
    /// The secret by which it may recover what it misses.
    let pid: String
    let connection: ClientConnection
    private let house: WireHouse
    private let recoveries: Recoveries
    private var client: SocketIOClient?
    private(set) var isReady = false
    /// Commands that want an answer, by their numbers; bounded by `SocketConfiguration.maxAcknowledgements`.
    private var unanswered: [UInt64: SocketEvent] = [:]

    init(
        _ namespace: SocketIONamespace, id: String, pid: String, _ connection: ClientConnection, _ client: SocketIOClient, _ house: WireHouse,
        _ recoveries: Recoveries
    ) {
        (self.namespace, self.id, self.pid, self.connection, self.client) = (namespace, id, pid, connection, client)
        (self.house, self.recoveries) = (house, recoveries)
    }

    // MARK: ClientWire

    func write(_ run: TopicRun) -> Bool { client?.session.write(run.socketIO(in: namespace)) ?? false }

    /// The session's, told once where the client is in both namespaces.
    var queuedBytes: Int { client.flatMap { $0.joined.min() == namespace.rawValue ? $0.session.queuedBytes : nil } ?? 0 }

    func flush() { client?.session.flush() }

    func send(_ event: HubEvent) {
        switch event.kind {
        case .durable: client?.send(event.socketIO(in: namespace))
        case .ephemeral(let key): client?.sendLatest(key: namespace.key(key), event.socketIO(in: namespace))
        }
    }

    func tell(_ message: DirectMessage) {
        emit(message.type.name, JSONText(trusted: ByteBuffer(string: message.text)))
    }

    func acknowledge(_ id: JSONValue, _ data: JSONValue) {
        guard let number = id.integerValue, let event = unanswered.removeValue(forKey: UInt64(number)) else { return }
        client?.acknowledge(event, [Self.text(data)])
    }

    func refuse(_ id: JSONValue?, _ problem: Problem) {
        if let id { acknowledge(id, ["error": problem.wireData]) } else { emit("error", Self.text(problem.wireData)) }
    }

    private func emit(_ name: String, _ data: JSONText) { client?.send(.event(name, [data], namespace: namespace.rawValue)) }

    /// Stock clients are not told codes and reasons: an event before the end says them. Who is to come back by itself has to lose the
    /// connection, with all namespaces; whoever is sent away for good goes on in the other.
    func close(_ reason: CloseReason) {
        if isReady, let message = try? DirectMessage(RealtimeEvents.closed, reason.wireData) { tell(message) }
        guard let client else { return }
        if reason.code.isFinal, client.joined.contains(where: { $0 != namespace.rawValue }) {
            client.disconnect(namespace.rawValue)
        } else {
            client.close(code: reason.code, reason: reason.text)
        }
    }

    static func text(_ value: JSONValue) -> JSONText {
        JSONText(trusted: ByteBuffer(string: (try? JSON.text(value)) ?? "null"))
    }

    // MARK: What the session tells

    func received(_ event: SocketEvent) {
        let arrival = house.clock.now()
        let id = event.ackID.map { JSONValue.integer(Int64($0)) }
        if let number = event.ackID { unanswered[number] = event }
        let bytes = event.arguments.map(\.bytes) + event.attachments
        guard connection.mayReceive(bytes.reduce(event.name.utf8.count) { $0 + $1.readableBytes }, for: id) else { return }
        do { connection.received(try command(event, id), at: arrival) } catch { refuse(error.id, error.problem) }
    }

    private func command(_ event: SocketEvent, _ id: JSONValue?) throws(Command.Refusal) -> Command {
        guard event.attachments.isEmpty else {
            throw Command.Refusal(id: id, problem: .badRequest("binary_not_taken", "Commands have no binary parts."))
        }
        let text = event.arguments.first?.bytes.readableBytesView
        guard let data = text.map({ try? JSONValue(parsing: $0) }) ?? .null else {
            throw Command.Refusal(id: id, problem: .badRequest("bad_json", "The data is not valid JSON."))
        }
        return try Command(namespace.command(event.name), data, id: id, table: house.table)
    }

    /// The client is here, and can be found by its secret.
    func began(on eventLoop: any EventLoop) {
        isReady = true
        recoveries.arrived(self, as: pid, on: eventLoop)
    }

    /// The client is in the namespace no more.
    /// - Parameters:
    ///   - isLost: whether it may come back to what it was.
    ///   - code: what its session ended with, if it did.
    func ended(isLost: Bool, code: WebSocketCloseCode = .normalClosure) {
        guard let client = client.take() else { return }
        recoveries.left(pid, isLost && entry.memory.isOfUse ? entry : nil)
        unanswered = [:]
        // Not from within a call: the connection may be the one that closes.
        let connection = connection
        client.eventLoop.assumeIsolated().execute { connection.closed(code) }
    }

    /// Somebody comes back with the secret of the client, which then must be gone: ends it.
    /// - Returns: what it was; `nil` if it is gone already, or is not to be given up.
    func giveUp(if mayHave: (RecoveryBook.Entry) -> Bool) -> RecoveryBook.Entry? {
        guard let client, mayHave(entry) else { return nil }
        let entry = entry
        ended(isLost: false)
        client.close(code: .goingAway, reason: "back on another connection")
        return entry
    }

    private var entry: RecoveryBook.Entry { RecoveryBook.Entry(id: id, namespace: namespace, memory: connection.memory) }
}
