import Core
import NIOCore
import Sockets

/// One client of `/ws`: JSON envelopes over a WebSocket.
final class WebSocketWire: ClientWire {
    let kind = WireKind.webSocket
    private let client: ClientConnection
    private let house: WireHouse
    /// How far the client has heard of its own topic.
    private let place: TopicPlace?
    private var socket: WebSocketConnection?

    init(_ client: ClientConnection, house: WireHouse, place: TopicPlace?) {
        self.client = client
        self.house = house
        self.place = place
    }

    func write(_ run: TopicRun) -> Bool { socket?.write(run.json) ?? false }

    var isReady: Bool { socket != nil }
    var queuedBytes: Int { socket?.queuedBytes ?? 0 }

    func flush() { socket?.flush() }

    func send(_ event: HubEvent) {
        switch event.kind {
        case .durable: socket?.send(event.json)
        case .ephemeral(let key): socket?.sendLatest(key: key, event.json)
        }
    }

    func tell(_ message: DirectMessage) { socket?.send(text: Envelope.direct(message, at: house.clock.now())) }

    func acknowledge(_ id: JSONValue, _ data: JSONValue) { socket?.send(text: Envelope.ack(id, data, at: house.clock.now())) }

    func refuse(_ id: JSONValue?, _ problem: Problem) { socket?.send(text: Envelope.error(problem, id: id, at: house.clock.now())) }

    func close(_ reason: CloseReason) { socket?.close(code: reason.code, reason: reason.text) }
}

extension WebSocketWire: WebSocketConnectionDelegate {
    func opened(_ connection: WebSocketConnection) {
        socket = connection
        client.opened(over: self)
        client.followSelf(from: place)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        let arrival = house.clock.now()
        guard client.mayReceive(text.readableBytes) else { return }
        do { client.received(try Command(text, table: house.table), at: arrival) } catch { refuse(error.id, error.problem) }
    }

    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) {
        client.closed(code)
        socket = nil
    }
}
