import Core
import NIOCore
import Sockets

/// Owns one session of Socket.IO: has the client admitted to a namespace when it asks, and hands what it says there to its wire.
final class SocketIOVisitor: SocketIODelegate {
    private let house: WireHouse
    private let recoveries: Recoveries
    /// `nil` on an event loop that is not the hub's.
    private let shard: HubShard?
    /// Of the request that opened the session.
    private let bearer: String?
    private let address: String
    private var client: SocketIOClient?
    /// Of the namespaces that the client is in.
    private var wires: [SocketIONamespace: SocketIOWire] = [:]
    private var admissions: [SocketIONamespace: Task<Void, Never>] = [:]

    /// - Parameters:
    ///   - bearer: a token that came with the request, for clients that send none with their wish to connect.
    ///   - address: the client's, for rate limits.
    init(_ house: WireHouse, _ recoveries: Recoveries, _ shard: HubShard?, bearer: String?, address: String) {
        (self.house, self.recoveries, self.shard) = (house, recoveries, shard)
        (self.bearer, self.address) = (bearer, address)
    }

    func connecting(to namespace: String, auth: JSONText?, on client: SocketIOClient) {
        // Of others the client is told that there are none.
        guard let namespace = SocketIONamespace(rawValue: namespace) else { return }
        self.client = client
        let admission = SocketIOAdmission(
            namespace: namespace, token: auth?.member("token")?.stringValue ?? bearer, recovery: SocketRecovery(auth: auth), place: TopicPlace(auth: auth),
            house: house, recoveries: recoveries, visitor: NIOLoopBound(self, eventLoop: client.eventLoop))
        admissions[namespace] = Task { await admission.run() }
    }

    func received(_ event: SocketEvent, on client: SocketIOClient) {
        SocketIONamespace(rawValue: event.namespace).flatMap { wires[$0] }?.received(event)
    }

    func left(_ namespace: String, reason: SocketLeaveReason, on client: SocketIOClient) {
        guard let wire = SocketIONamespace(rawValue: namespace).flatMap({ wires.removeValue(forKey: $0) }) else { return }
        if case .closed(let end) = reason { wire.ended(isLost: end.mayComeBack, code: end.code) } else { wire.ended(isLost: false) }
    }

    func closed(_ client: SocketIOClient, reason: EngineCloseReason) {
        for admission in admissions.values { admission.cancel() }
        for wire in wires.values { wire.ended(isLost: false, code: reason.code) }
        wires = [:]
        self.client = nil
    }

    // MARK: What an admission does, on the event loop

    /// Prepares a wire, over which nothing is sent yet.
    /// - Parameter entry: what the client was, if it comes back.
    /// - Throws: `CancellationError` when the client is gone.
    func prepare(
        _ namespace: SocketIONamespace, _ identity: Identity, _ entry: RecoveryBook.Entry?, pid: String?
    ) throws -> NIOLoopBound<SocketIOWire> {
        guard let client, client.session.isOpen else { throw CancellationError() }
        guard let shard else { throw Problem.internalError }
        let connection = ClientConnection(house: house, shard: shard, identity: identity, address: address)
        let wire = SocketIOWire(
            namespace, id: entry?.id ?? RandomToken.secret(bytes: 15), pid: pid ?? RandomToken.secret(bytes: 24), connection, client, house,
            recoveries)
        connection.opened(over: wire)
        do { if let entry { try connection.follow(entry.memory) } } catch {
            wire.ended(isLost: false)
            throw error
        }
        return NIOLoopBound(wire, eventLoop: client.eventLoop)
    }

    /// Lets the client in. From here on it is sent to.
    /// - Throws: `CancellationError` when the client is gone.
    func admit(_ wire: SocketIOWire) throws {
        guard let client, client.session.isOpen else { throw CancellationError() }
        wires[wire.namespace] = wire
        wire.began(on: client.eventLoop)
        client.accept(wire.namespace.rawValue, id: wire.id, pid: wire.pid)
    }

    /// Stock clients that are refused do not try again, so who could be let in at another time loses the connection instead; but not
    /// what it has of a house that is full.
    func refuse(_ namespace: SocketIONamespace, _ problem: Problem) {
        let isFinal = problem.status < 500 && problem.status != 429
        guard isFinal || problem == .tooManyConnections && !wires.isEmpty else {
            client?.close(code: .tryAgainLater, reason: problem.code)
            return
        }
        client?.refuse(namespace.rawValue, message: problem.detail, data: SocketIOWire.text(problem.wireData))
    }
}

extension EngineCloseReason {
    /// Whether a client that was lost this way may come back to what it was: not one that was sent away for good.
    fileprivate var mayComeBack: Bool {
        switch self {
        case .server(let code, _): !code.isFinal
        case .flood, .malformed: false
        case .client, .webSocket, .polling, .pingTimeout, .slow: true
        }
    }
}
