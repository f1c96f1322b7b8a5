import Core
import Foundation
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport
import WebServer

@testable import Ingest

/// Everybody is a member, but for who says that he is nobody.
private struct AnybodyIsAMember: Authenticator {
    private static let id = UserID(at: Timestamp(milliseconds: 0))

    func principal(bearer: String?) async throws -> Principal {
        if bearer == "nobody" { return .anonymous }
        return .user(Self.id, role: .member, device: DeviceID(Self.id))
    }
}

/// Runs a body with the doors of one process open on a port of this machine.
func withIngestServer(
    _ configure: (inout IngestConfiguration) -> Void = { _ in },
    server configureServer: (inout WebServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (House, Ingest, _ port: Int) async throws -> Void
) async throws {
    try await withIngest(configure) { house, ingest in
        var configuration = WebServerConfiguration()
        configuration.port = 0
        configureServer(&configuration)
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = WebServer.makeApplication(
            configuration, routes: RouteTable(ingest.routes, authenticator: AnybodyIsAMember()),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { port in announce.yield(port) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                for await port in ports {
                    try await body(house, ingest, port)
                    break
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(120))
                throw TimedOut("a test with a server")
            }
            // The server ends only by cancellation: whoever finishes first is the body or a failure.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// One HTTP message from the server, an informational one too.
struct RawAnswer: Sendable {
    let status: Int
    /// The status line and the fields as they came.
    let head: String
    let body: String

    /// A field's value; names in any case.
    subscript(name: String) -> String? {
        for line in head.components(separatedBy: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() { return parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return nil
    }

    var json: JSONValue? { try? JSON.decode(from: body) }

    /// The names of the fields in lower case.
    var names: Set<String> {
        Set(head.components(separatedBy: "\r\n").dropFirst().map { $0.prefix { $0 != ":" }.lowercased() })
    }

    /// The message that a text begins with, and how many bytes it has.
    static func read(_ bytes: ArraySlice<UInt8>, toHead: Bool) -> (RawAnswer, count: Int)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<end.lowerBound])
        let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        let isEmpty = toHead || status < 200 || status == 204
        let length = isEmpty ? nil : RawAnswer(status: status, head: head, body: "")["content-length"].flatMap(Int.init)
        let start = head.utf8.count + 4
        guard bytes.count >= start + (length ?? 0) else { return nil }
        let body = String(decoding: bytes.dropFirst(start).prefix(length ?? 0), as: UTF8.self)
        return (RawAnswer(status: status, head: head, body: body), start + (length ?? 0))
    }
}

/// A client that sends exactly the bytes it is told to, and reads message by message.
final class RawUploader: Sendable {
    private let channel: any Channel
    private let inbox: Inbox<ByteBuffer>
    private let taken = NIOLockedValueBox(0)

    private init(_ channel: any Channel, _ inbox: Inbox<ByteBuffer>) {
        self.channel = channel
        self.inbox = inbox
    }

    static func connect(_ port: Int) async throws -> RawUploader {
        let inbox = Inbox<ByteBuffer>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(inbox)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawUploader(channel, inbox)
    }

    /// Sends a head, lines in order, and what belongs to its body.
    func send(_ head: String..., body: some Collection<UInt8> & Sendable = [] as [UInt8]) async throws {
        var bytes = ByteBuffer(string: (head + ["Host: x"]).joined(separator: "\r\n") + "\r\n\r\n")
        bytes.writeBytes(body)
        try await channel.writeAndFlush(bytes)
    }

    func send(bytes: some Collection<UInt8> & Sendable) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// The next message.
    /// - Parameter toHead: it answers a HEAD, and has no body whatever it says.
    func next(toHead: Bool = false, within limit: Duration = .seconds(30)) async throws -> RawAnswer {
        let start = taken.withLockedValue { $0 }
        let (answer, count) = try await inbox.wait(for: "an answer", within: limit) { elements, isClosed in
            let bytes = elements.flatMap { Array($0.readableBytesView) }
            if let message = RawAnswer.read(bytes[start...], toHead: toHead) { return message }
            if isClosed { throw TimedOut("an answer on a closed connection after: \(String(decoding: bytes[start...], as: UTF8.self))") }
            return nil
        }
        taken.withLockedValue { $0 += count }
        return answer
    }

    /// The next message that is not informational, and those before it.
    func final() async throws -> (answer: RawAnswer, before: [RawAnswer]) {
        var before: [RawAnswer] = []
        while true {
            let answer = try await next()
            if answer.status >= 200 { return (answer, before) }
            before.append(answer)
        }
    }

    /// Waits for the server to close.
    func closed(within limit: Duration = .seconds(10)) async throws {
        _ = try await inbox.wait(for: "the server to close", within: limit) { _, isClosed in isClosed ? true : nil }
    }

    func close() async throws { try await channel.close() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let inbox: Inbox<ByteBuffer>

        init(_ inbox: Inbox<ByteBuffer>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.push(unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { inbox.close() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
