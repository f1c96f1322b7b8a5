import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

@testable import WebServer

/// A server with a certificate, and the authority that clients have to trust.
struct SecureServer: Sendable {
    let certificates: TestCertificates
    let certificate: ServerCertificate
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder("tls")
        certificates = try await TestCertificates(in: folder)
        certificate = try ServerCertificate(TLSFiles(certificates: certificates.certificate, key: certificates.key))
    }

    /// Runs it with routes for the time of a closure.
    func run(
        _ routes: [Route], upgrader: (any ConnectionUpgrader)? = nil,
        configure: @escaping (inout WebServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        try await withServer(
            routes, upgrader: upgrader,
            configure: {
                $0.certificate = certificate
                configure(&$0)
            }, body)
    }

    /// What curl says of a URL on the server; fails when curl does.
    func curl(_ port: Int, _ arguments: [String], path: String = "/hello") async throws -> String {
        try await Tool("curl").output(
            ["--silent", "--show-error", "--cacert", certificates.authority] + arguments + ["https://localhost:\(port)\(path)"])
    }
}

/// A client that sends over TLS exactly the bytes it is told to.
struct SecureClient {
    private let channel: any Channel
    private let received: AsyncStream<[UInt8]>
    private let deafener = Deafener()

    /// A frame of HTTP/2 (RFC 9113 section 4.1).
    struct Frame {
        let type: UInt8
        let content: [UInt8]
    }

    /// - Parameter version: as the handshake calls it, e.g. `h2`.
    init(port: Int, authority: String, version: String) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority)
        configuration.applicationProtocols = [version]
        let context = try NIOSSLContext(configuration: configuration)
        let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        self.received = received
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { [deafener] channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(deafener)
                try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                try pipeline.addHandler(ByteCollector(continuation))
            }
        }.connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Asks for `/` in the first stream after opening no window for its answer (RFC 9113 sections 3.4, 6.5.2 and 6.2).
    /// - Parameter streams: how many times.
    func askWithoutWindow(_ streams: UInt8 = 1) async throws {
        let settings = Self.frame(type: 4, stream: 0, [0, 4, 0, 0, 0, 0])
        try await send(Self.preface + settings + (0..<streams).flatMap { Self.question(stream: 1 + 2 * $0) })
    }

    /// Asks for `/` in the first stream.
    func ask() async throws { try await send(Self.preface + Self.frame(type: 4, stream: 0, []) + Self.question(stream: 1)) }

    /// Indexed: GET, https, /; a literal: :authority (RFC 7541 appendix A).
    private static func question(stream: UInt8) -> [UInt8] {
        frame(type: 1, flags: 0x5, stream: stream, [0x82, 0x87, 0x84, 0x01, 1] + Array("x".utf8))
    }

    /// From now on nothing reaches it, and it says nothing.
    func goDeaf() { deafener.isDeaf.withLock { $0 = true } }

    /// From now on it reads nothing.
    func stopReading() { deafener.isBlocked.withLock { $0 = true } }

    /// Waits for the server to close.
    func closed() async throws { try await channel.closeFuture.get() }

    /// Opens the window of the first stream by so many bytes (section 6.9).
    func open(_ bytes: UInt16) async throws {
        try await send(Self.frame(type: 8, stream: 1, [0, 0, UInt8(bytes >> 8), UInt8(bytes & 0xFF)]))
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// What comes until a text does, or the connection ends.
    func text(until end: String) async -> String {
        var bytes: [UInt8] = []
        for await more in received {
            bytes += more
            if String(decoding: bytes, as: UTF8.self).contains(end) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The types of the frames (section 6), until one comes or the connection ends.
    func types(until type: UInt8?) async -> [UInt8] { await frames(until: type).map(\.type) }

    func frames(until type: UInt8?) async -> [Frame] {
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        for await more in received {
            bytes += more
            while bytes.count >= 9, bytes.count >= 9 + Self.length(bytes) {
                let frame = Frame(type: bytes[3], content: Array(bytes[9..<9 + Self.length(bytes)]))
                frames.append(frame)
                if frame.type == type { return frames }
                bytes.removeFirst(9 + frame.content.count)
            }
        }
        return frames
    }

    func close() { channel.close(promise: nil) }

    private static func length(_ frame: [UInt8]) -> Int { Int(frame[0]) << 16 | Int(frame[1]) << 8 | Int(frame[2]) }

    static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(content.count), type, flags, 0, 0, 0, stream] + content
    }
}

private final class ByteCollector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Stands at the socket of a client, and in the end lets nothing through.
private final class Deafener: ChannelDuplexHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    let isDeaf = Mutex(false)
    let isBlocked = Mutex(false)

    func read(context: ChannelHandlerContext) {
        if !isBlocked.withLock({ $0 }) { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDeaf.withLock({ $0 }) { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isDeaf.withLock({ $0 }) { promise?.succeed(()) } else { context.write(data, promise: promise) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if isDeaf.withLock({ $0 }) { promise?.succeed(()) } else { context.close(mode: mode, promise: promise) }
    }
}
