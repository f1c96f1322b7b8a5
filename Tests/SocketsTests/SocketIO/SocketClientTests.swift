import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Sockets

/// Lets everybody in, keeps what it is told, and answers like an echo.
final class SocketOwner: SocketIODelegate {
    private(set) var client: SocketIOClient?
    private(set) var events: [SocketEvent] = []
    private(set) var lefts: [String] = []
    private(set) var ends: [EngineCloseReason] = []
    private(set) var recovery: SocketRecovery?
    var answersAtOnce = true

    func connecting(to namespace: String, auth: JSONText?, on client: SocketIOClient) {
        self.client = client
        recovery = SocketRecovery(auth: auth)
        if answersAtOnce { client.accept(namespace, id: "s", pid: "p") }
    }

    func received(_ event: SocketEvent, on client: SocketIOClient) {
        events.append(event)
        client.acknowledge(event, event.arguments, attachments: event.attachments)
        client.acknowledge(event, [])
    }

    func left(_ namespace: String, reason: SocketLeaveReason, on client: SocketIOClient) { lefts.append(namespace) }
    func closed(_ client: SocketIOClient, reason: EngineCloseReason) { ends.append(reason) }
}

@Suite("Clients of Socket.IO, with their effects")
struct SocketClientTests {
    let owner = SocketOwner()
    let harness: EngineHarness

    init() {
        let owner = NIOLoopBound(owner, eventLoop: EmbeddedEventLoop())
        var configuration = EngineConfiguration()
        configuration.pingInterval = .seconds(100)
        harness = EngineHarness(
            EngineServer(socketIO: SocketConfiguration(namespaces: ["/", "/custom"]), engine: configuration, origins: .any) { _ in
                owner.value
            })
    }

    @Test("a client connects, is answered, and comes back with what it knows")
    func connects() throws {
        let session = try harness.open()
        _ = harness.post(session, #"40{"pid":"p","offset":"17"}"#)
        #expect(harness.poll(session).body == #"40{"sid":"s","pid":"p"}"#)
        #expect(owner.recovery?.pid == "p" && owner.recovery?.offset == "17" && owner.client?.joined == ["/"])
        owner.client?.send(.event("e", offset: "18"))
        owner.client?.sendLatest(key: "k", .event("f", [JSONText(trusted: ByteBuffer(string: "1"))]))
        owner.client?.sendLatest(key: "k", .event("f", [JSONText(trusted: ByteBuffer(string: "2"))]))
        #expect(harness.poll(session).body == "42[\"e\",\"18\"]\u{1E}42[\"f\",2]")
    }

    @Test("events with attachments are answered with attachments, once")
    func acknowledges() throws {
        let session = try harness.open()
        _ = harness.post(session, "40/custom,")
        _ = harness.poll(session)
        _ = harness.post(session, #"451-/custom,5["m",{"_placeholder":true,"num":0}]"# + "\u{1E}bAQID")
        #expect(harness.poll(session).body == #"461-/custom,5[{"_placeholder":true,"num":0}]"# + "\u{1E}bAQID")
        #expect(owner.events.map(\.name) == ["m"] && owner.events.first?.attachments == [ByteBuffer(bytes: [1, 2, 3])])
        #expect(harness.poll(session).response == nil)
    }

    @Test("answers of the client reach who asked, and so does their absence")
    func awaitsAnswers() throws {
        let session = try harness.open()
        _ = harness.post(session, "40")
        _ = harness.poll(session)
        let client = try #require(owner.client)
        var answers: [SocketIOClient.Answer] = []
        for _ in 0..<3 { client.emit("q") { answers.append($0) } }
        client.emit("q", namespace: "/custom") { answers.append($0) }
        #expect(answers == [.failure(.refused)])
        #expect(harness.poll(session).body == "421[\"q\"]\u{1E}422[\"q\"]\u{1E}423[\"q\"]")
        _ = harness.post(session, #"432["x"]"#)
        #expect(answers.last == .success(SocketAcknowledgement(arguments: [JSONText(string: "x")])))
        harness.eventLoop.advanceTime(by: .seconds(10))
        #expect(answers.suffix(2) == [.failure(.timedOut), .failure(.timedOut)])
        client.emit("q") { answers.append($0) }
        _ = harness.post(session, "1")
        client.emit("q") { answers.append($0) }
        #expect(answers.suffix(2) == [.failure(.disconnected), .failure(.refused)])
        #expect(owner.lefts == ["/"] && owner.ends == [.client])
    }

    @Test("what breaks the protocol ends the session", arguments: ["4abc", "42[\"a\"]", "bAQID", "40[]"])
    func violations(body: String) throws {
        let session = try harness.open()
        #expect(harness.post(session, body).body == "ok")
        guard case .server(.protocolError, _)? = owner.ends.first else {
            Issue.record("still open")
            return
        }
        #expect(harness.poll(session).body == "1" && harness.poll(session).status == .badRequest)
    }

    @Test("a session in no namespace ends in time, even if the owner never answers")
    func connectTimeout() throws {
        owner.answersAtOnce = false
        let session = try harness.open()
        _ = harness.post(session, "40")
        let poll = harness.poll(session)
        harness.eventLoop.advanceTime(by: .seconds(45))
        #expect(owner.ends == [.server(.policyViolation, "no namespace joined")])
        owner.client?.accept("/", id: "late")
        #expect(poll.body == "1")
    }

    @Test("codes that ask a client not to come back send it out of its namespaces first", arguments: [3400, 3500] as [UInt16])
    func closing(code: UInt16) throws {
        let session = try harness.open()
        _ = harness.post(session, "40")
        _ = harness.poll(session)
        owner.client?.close(code: WebSocketCloseCode(rawValue: code), reason: "token")
        #expect(harness.poll(session).body == (code < 3500 ? "1" : "41\u{1E}1"))
    }
}
