import Core
import NIOCore
import NIOHTTP1
import Sockets
import TestSupport

@testable import Realtime

/// A client of `/socket.io/` that polls: its requests are made without a server around them.
final class PollingVisitor {
    let endpoint: SocketIOEndpoint
    private let loop: any EventLoop
    private let session: String
    private(set) var got: [String] = []

    /// Opens a session.
    init(_ endpoint: SocketIOEndpoint, on loop: any EventLoop, headers: HTTPHeaders = [:]) async throws {
        self.endpoint = endpoint
        self.loop = loop
        let opened = try await Self.ask(endpoint, loop, .GET, nil, headers: headers).response.get()
        let json = try JSONValue(parsing: opened.body.readableBytesView.dropFirst())
        session = json["sid"]?.stringValue ?? ""
    }

    private static func ask(
        _ endpoint: SocketIOEndpoint, _ loop: any EventLoop, _ method: HTTPMethod, _ session: String?, headers: HTTPHeaders = [:]
    ) -> EngineExchange {
        let uri = "/socket.io/?EIO=4&transport=polling" + (session.map { "&sid=" + $0 } ?? "")
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)
        return endpoint.begin(head, remoteAddress: "192.0.2.1", on: loop)
    }

    /// Sends packets of Socket.IO, and attachments in base64 behind a `b`.
    func send(_ packets: String...) async throws {
        let exchange = Self.ask(endpoint, loop, .POST, session)
        exchange.finish(ByteBuffer(string: packets.map { $0.hasPrefix("b") ? $0 : "4" + $0 }.joined(separator: "\u{1E}")))
        let answer = try await exchange.response.get()
        guard answer.status == .ok else { throw TimedOut("post: \(answer.status)") }
    }

    /// Ends the session without leaving the namespace: the client is lost.
    func vanish() async throws {
        let exchange = Self.ask(endpoint, loop, .POST, session)
        exchange.finish(ByteBuffer(string: "1"))
        _ = try await exchange.response.get()
    }

    /// Polls until a packet comes that begins so; answers what follows.
    func receive(_ beginning: String) async throws -> String {
        while true {
            if let index = got.firstIndex(where: { $0.hasPrefix(beginning) }) {
                return String(got.remove(at: index).dropFirst(beginning.count))
            }
            let exchange = Self.ask(endpoint, loop, .GET, session)
            let answer = try await exchange.response.get()
            guard answer.status == .ok else { throw TimedOut("\(beginning): \(answer.status), had \(got)") }
            got += String(buffer: answer.body).split(separator: "\u{1E}", omittingEmptySubsequences: false).compactMap { packet in
                packet.hasPrefix("4") ? String(packet.dropFirst()) : packet == "1" ? "end" : nil
            }
        }
    }

    /// The JSON behind a packet's beginning.
    func json(_ beginning: String) async throws -> JSONValue { try JSONValue(parsing: try await receive(beginning).utf8) }

    /// Connects to a namespace, `/` or the one that is named with a comma behind.
    func connect(_ auth: JSONValue, to namespace: String = "") async throws -> JSONValue {
        try await send("0" + namespace + (try JSON.text(auth)))
        return try await json("0" + namespace)
    }

    /// Follows the session of the tests.
    func join(_ number: Int = 1) async throws -> JSONValue {
        try await send(#"2\#(number)["join_session",{"sessionId":"\#(HubTests.session)"}]"#)
        return try await json("3\(number)")
    }

    /// Follows the party of the tests.
    func joinParty(in namespace: String, as command: String = "join") async throws -> JSONValue {
        try await send(#"2\#(namespace)1["\#(command)",{"partyId":"\#(HubTests.session)"}]"#)
        return try await json("3\(namespace)1")
    }

    /// The offsets of so many events.
    func offsets(_ count: Int, in namespace: String = "") async throws -> [String] {
        var offsets: [String] = []
        while offsets.count < count {
            let event = try await json(#"2\#(namespace)["new_photo","#, prefixed: #"["new_photo","#)
            guard case .array(let event) = event, event.count == 3 else { throw TimedOut("event") }
            offsets.append(event[2].stringValue ?? "")
        }
        return offsets
    }

    private func json(_ beginning: String, prefixed prefix: String) async throws -> JSONValue {
        try JSONValue(parsing: (prefix + (try await receive(beginning))).utf8)
    }
}

extension JSONValue {
    /// An element of an array.
    subscript(_ index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }
}
