import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Sockets

/// An endpoint with its sessions on one embedded event loop, as requests see it.
final class EngineHarness {
    let eventLoop = EmbeddedEventLoop()
    let server: EngineServer

    init(_ server: EngineServer) {
        self.server = server
        eventLoop.advanceTime(by: .hours(1))
    }

    /// Every session gets this owner.
    convenience init(owner: EngineOwner, configuration: EngineConfiguration = EngineFixture.configuration) {
        let owner = NIOLoopBound(owner, eventLoop: EmbeddedEventLoop())
        self.init(EngineServer(configuration: configuration, origins: .any) { _, _ in owner.value })
    }

    static func opening(_ query: String, _ method: HTTPMethod = .GET, headers: HTTPHeaders = [:], from address: String? = nil) -> EngineOpening {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/engine.io/?EIO=4&" + query, headers: headers)
        return EngineOpening(head: head, remoteAddress: nil, countedAs: address)
    }

    func begin(
        _ query: String, _ method: HTTPMethod = .GET, headers: HTTPHeaders = [:], from address: String? = nil
    ) -> EngineTicket {
        EngineTicket(server.begin(Self.opening(query, method, headers: headers, from: address), on: eventLoop), eventLoop)
    }

    /// Opens a session by polling; answers its id.
    func open(from address: String? = nil) throws -> String {
        let ticket = begin("transport=polling", from: address)
        let body = try #require(ticket.body)
        let json = try #require(JSONText(checking: ByteBuffer(string: String(body.dropFirst()))))
        return try #require(json.member("sid")?.stringValue)
    }

    func poll(_ session: String) -> EngineTicket { begin("transport=polling&sid=" + session) }

    func post(_ session: String, _ body: String) -> EngineTicket {
        let ticket = begin("transport=polling&sid=" + session, .POST)
        ticket.exchange.finish(ByteBuffer(string: body))
        eventLoop.run()
        return ticket
    }
}

/// A request and what became of it.
final class EngineTicket {
    let exchange: EngineExchange
    private let answer: NIOLoopBoundBox<EngineResponse?>
    private let eventLoop: EmbeddedEventLoop

    init(_ exchange: EngineExchange, _ eventLoop: EmbeddedEventLoop) {
        self.exchange = exchange
        self.eventLoop = eventLoop
        let answer = NIOLoopBoundBox<EngineResponse?>(nil, eventLoop: eventLoop)
        self.answer = answer
        exchange.response.whenSuccess { answer.value = $0 }
    }

    /// `nil`: it still waits.
    var response: EngineResponse? {
        eventLoop.run()
        return answer.value
    }
    var body: String? { response.map { String(buffer: $0.body) } }
    var status: HTTPResponseStatus? { response?.status }
}

/// Records what it is told.
final class EngineOwner: EngineSessionDelegate {
    private(set) var session: EngineSession?
    private(set) var received: [String] = []
    private(set) var ends: [EngineCloseReason] = []
    var onText: ((String, EngineSession) -> Void)?

    func opened(_ session: EngineSession) { self.session = session }

    func received(text: ByteBuffer, on session: EngineSession) {
        #expect(ends.isEmpty)
        received.append(String(buffer: text))
        onText?(String(buffer: text), session)
    }

    func received(binary: ByteBuffer, on session: EngineSession) {
        received.append("\(Array(buffer: binary))")
        session.send(.binary(binary))
    }

    func closed(_ session: EngineSession, reason: EngineCloseReason) { ends.append(reason) }
}
