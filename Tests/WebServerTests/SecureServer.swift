import Foundation
import NIOCore
import NIOPosix
import NIOSSL
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
        _ routes: [Route], configure: @escaping (inout WebServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        try await withServer(
            routes,
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

/// A client that speaks HTTP/2 by the byte.
struct FrameClient {
    private let channel: any Channel
    private let frames: AsyncStream<[UInt8]>

    init(port: Int, authority: String) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority)
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        let (frames, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        self.frames = frames
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                try pipeline.addHandler(FrameCollector(continuation))
            }
        }.connect(host: "127.0.0.1", port: port).get()
    }

    /// Asks for `/` in the first stream after opening no window for its answer (RFC 9113 sections 3.4, 6.5.2 and 6.2).
    func askWithoutWindow() async throws {
        let settings = Self.frame(type: 4, stream: 0, [0, 4, 0, 0, 0, 0])
        // Indexed: GET, https, /; a literal: :authority (RFC 7541 appendix A).
        let head = Self.frame(type: 1, flags: 0x5, stream: 1, [0x82, 0x87, 0x84, 0x01, 1] + Array("x".utf8))
        try await channel.writeAndFlush(ByteBuffer(bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings + head))
    }

    /// The types of the frames, until one comes.
    func types(until type: UInt8) async -> [UInt8] {
        var bytes: [UInt8] = []
        var types: [UInt8] = []
        for await more in frames {
            bytes += more
            while bytes.count >= 9, bytes.count >= 9 + Self.length(bytes) {
                types.append(bytes[3])
                if bytes[3] == type { return types }
                bytes.removeFirst(9 + Self.length(bytes))
            }
        }
        return types
    }

    func close() { channel.close(promise: nil) }

    private static func length(_ frame: [UInt8]) -> Int { Int(frame[0]) << 16 | Int(frame[1]) << 8 | Int(frame[2]) }

    private static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(content.count), type, flags, 0, 0, 0, stream] + content
    }
}

private final class FrameCollector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
