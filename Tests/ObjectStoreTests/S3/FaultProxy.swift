import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// Stands in front of an S3 server on loopback and spoils what it is told to.
final class FaultProxy: Sendable {
    enum Fault: Sendable {
        /// Answers itself.
        case answer(Int, code: String)
        /// Closes the connection instead of answering; the server has seen nothing.
        case hangUp
        /// Lets the server do it and closes the connection instead of answering.
        case loseAnswer
        /// Closes the connection after so many bytes of the answer's body.
        case cut(after: Int)
        /// Passes the answer on with another ETag.
        case etag(String)
        /// Passes the request on with another byte in its body.
        case garble
        /// Passes the request on once this is closed.
        case wait(Inbox<Void>)
        /// Never answers.
        case silence
    }

    /// A request that came in.
    struct Seen: Sendable {
        let method: String
        let uri: String
        let headers: HTTPHeaders
        let bodySize: Int
    }

    private struct Rule {
        let matches: @Sendable (Seen) -> Bool
        /// What is left; the last one stays when `isForever`.
        var faults: [Fault]
        let isForever: Bool
    }

    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let requests = Inbox<Seen>()
    /// `http[s]://127.0.0.1:port`.
    let endpoint: String
    private let upstream: String
    private let rules = Mutex<[Rule]>([])
    private let relayedBytes = Atomic(0)
    private let accepted = Atomic(0)
    private let listener: any Channel
    private let task: Mutex<Task<Void, any Error>?> = Mutex(nil)

    /// - Parameter tls: the server's side of TLS.
    static func start(before upstream: String, tls: NIOSSLContext? = nil) async throws -> FaultProxy {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        let proxy = FaultProxy(upstream, "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)", server.channel)
        proxy.task.withLock { $0 = Task { try await Self.accept(server, proxy) } }
        return proxy
    }

    private init(_ upstream: String, _ endpoint: String, _ listener: any Channel) {
        self.upstream = upstream
        self.endpoint = endpoint
        self.listener = listener
    }

    /// Bytes of bodies that were passed on to clients.
    var relayed: Int { relayedBytes.load(ordering: .relaxed) }

    /// Connections that clients have made.
    var connections: Int { accepted.load(ordering: .relaxed) }

    func stop() { task.withLock { $0?.cancel() } }

    /// The next requests that match get these faults, one each; with `isForever` the last one stays.
    func spoil(isForever: Bool = false, _ faults: [Fault], _ matches: @escaping @Sendable (Seen) -> Bool = { _ in true }) {
        rules.withLock { $0.append(Rule(matches: matches, faults: faults, isForever: isForever)) }
    }

    /// Requests of that method.
    func count(_ method: String) -> Int { requests.elements.count { $0.method == method } }

    private static func accept(
        _ server: NIOAsyncChannel<Connection, Never>, _ proxy: FaultProxy
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    proxy.accepted.add(1, ordering: .relaxed)
                    // A connection that breaks is what this is about.
                    group.addTask { try? await proxy.serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let received):
                    head = received
                    body.clear()
                case .body(var chunk): body.writeBuffer(&chunk)
                case .end:
                    guard let head, try await answer(head, body, outbound) else { return }
                }
            }
        }
    }

    private func nextFault(_ seen: Seen) -> Fault? {
        rules.withLock { rules in
            guard let index = rules.firstIndex(where: { $0.matches(seen) && !$0.faults.isEmpty }) else { return nil }
            if rules[index].isForever, rules[index].faults.count == 1 { return rules[index].faults[0] }
            return rules[index].faults.removeFirst()
        }
    }

    /// - Returns: whether the connection goes on.
    private func answer(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        let seen = Seen(method: head.method.rawValue, uri: head.uri, headers: head.headers, bodySize: body.readableBytes)
        requests.push(seen)
        var limit = Int.max
        var etag: String?
        switch nextFault(seen) {
        case .answer(let status, let code):
            let text = "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>m</Message></Error>"
            try await write(.init(statusCode: status), ["content-length": "\(text.utf8.count)"], outbound)
            if head.method != .HEAD { try await outbound.write(.body(.byteBuffer(ByteBuffer(string: text)))) }
            try await outbound.write(.end(nil))
            return true
        case .hangUp: return false
        case .silence:
            try await Task.sleep(for: .seconds(60))
            return false
        case .cut(let count): limit = count
        case .loseAnswer: limit = -1
        case .etag(let text): etag = text
        case .wait(let gate): try await gate.wait(for: "the gate") { _, isClosed in isClosed ? () : nil }
        case .garble:
            var spoiled = body
            spoiled.setInteger(~(body.getInteger(at: body.readerIndex, as: UInt8.self) ?? 0), at: body.readerIndex)
            return try await forward(head, spoiled, limit, nil, outbound)
        case nil: break
        }
        return try await forward(head, body, limit, etag, outbound)
    }

    private func forward(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ limit: Int, _ etag: String?,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        var request = HTTPClientRequest(url: upstream + head.uri)
        request.method = head.method
        request.headers = head.headers
        request.headers.remove(name: "connection")
        request.body = head.method == .GET || head.method == .HEAD ? nil : .bytes(body)
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        if limit < 0 {
            _ = try await answer.body.collect(upTo: 1 << 20)
            return false
        }
        var headers = answer.headers
        for name in ["connection", "transfer-encoding", "keep-alive"] { headers.remove(name: name) }
        if let etag { headers.replaceOrAdd(name: "etag", value: etag) }
        // Without a length the encoder would send an empty chunk, which a HEAD's answer must not have.
        if head.method == .HEAD, !headers.contains(name: "content-length") { headers.add(name: "content-length", value: "0") }
        try await write(answer.status, headers, outbound)
        var rest = limit
        for try await var chunk in answer.body {
            guard let piece = chunk.readSlice(length: min(rest, chunk.readableBytes)) else { break }
            rest -= piece.readableBytes
            try await outbound.write(.body(.byteBuffer(piece)))
            relayedBytes.add(piece.readableBytes, ordering: .relaxed)
            if rest == 0 { return false }
        }
        try await outbound.write(.end(nil))
        return true
    }

    private func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    }
}
