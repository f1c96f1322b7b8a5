import Core
import CoreMetrics
import Glibc
import HTTPTypes
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What all connections share for direct answers: the responder, and the manners of the routes' answers.
///
/// What these add to each answer (`RequestMiddleware`, `CORSMiddleware`, the framework's `Date`), is added here.
public final class DirectDesk: Sendable {
    private struct Kind: Hashable {
        let status: Int
        let isHead: Bool
    }

    /// What a direct answer may not be given to: bodies, other protocols, pages of other origins.
    private static let unusual: [HTTPField.Name] = [
        .contentLength, .transferEncoding, .upgrade, .expect, .trailer, .origin,
    ]

    private let responder: any DirectResponder
    private let beginnings: [[UInt8]]
    private let variesByOrigin: Bool
    private let logger: Logger
    private let metrics = RequestMetrics()
    private let instruments = NIOLockedValueBox<[Kind: RequestMetrics.Instruments]>([:])
    private let date = NIOLockedValueBox<(second: time_t, text: String)>((0, ""))

    /// - Parameter origins: as `CORSMiddleware` has them.
    public init(_ responder: any DirectResponder, origins: CORSMiddleware.Origins, logger: Logger) {
        self.responder = responder
        self.logger = logger
        beginnings = ["GET ", "HEAD "].map { Array(($0 + responder.prefix).utf8) }
        variesByOrigin = CORSMiddleware.varies(origins)
    }

    /// The request that the bytes begin with, if it may be answered directly.
    /// - Parameter looksForProxy: whether the connection still wants to know if a proxy speaks.
    func request(_ bytes: ByteBuffer, _ limits: ConnectionLimits, looksForProxy: Bool) -> DirectRequest? {
        let isConcerned = bytes.withUnsafeReadableBytes { bytes in beginnings.contains { bytes.starts(with: $0) } }
        guard isConcerned, let request = DirectRequest(bytes, limits),
            request.value(.host) != nil, request.closes != nil, !request.contains(Self.unusual),
            !looksForProxy || !request.contains([.forwardedFor, .forwarded])
        else { return nil }
        return request
    }

    func answer(_ request: DirectRequest) -> DirectAnswer? { responder.answer(request) }

    /// The bytes of the head.
    /// - Parameter closes: whether the connection ends after the answer.
    func head(_ answer: DirectAnswer, requestID: String, closes: Bool) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: answer.head.text.readableBytes + 320)
        bytes.writeImmutableBuffer(answer.head.text)
        if let length = answer.length { bytes.writeLine("Content-Length: ", String(length)) }
        if let range = answer.contentRange { bytes.writeLine("Content-Range: ", range) }
        bytes.writeLine("X-Request-ID: ", requestID)
        bytes.writeLine("Date: ", now())
        // In one line: proxies in front may pass on no more.
        switch answer.head.vary {
        case nil: if variesByOrigin { bytes.writeStaticString("Vary: Origin\r\n") }
        case let vary?: bytes.writeLine("Vary: ", variesByOrigin ? vary + ", Origin" : vary)
        }
        bytes.writeStaticString(closes ? "connection: close\r\n\r\n" : "\r\n")
        return bytes
    }

    /// Counts and logs an answer, as `RequestMiddleware` does.
    func record(_ request: DirectRequest, _ answer: DirectAnswer, requestID: String, _ duration: Duration) {
        let kind = Kind(status: answer.head.status.code, isHead: request.isHead)
        let method = request.isHead ? "HEAD" : "GET"
        let instruments = instruments.withLockedValue { known in
            if let instruments = known[kind] { return instruments }
            let made = metrics.instruments(route: responder.route, method: method, status: kind.status)
            known[kind] = made
            return made
        }
        instruments.record(duration)
        logger.debug(
            "answered",
            metadata: [
                "hb.request.id": "\(requestID)", "method": "\(method)", "route": "\(responder.route)",
                "status": "\(kind.status)", "ms": "\(duration.milliseconds)", "bytes": "\(answer.length ?? 0)",
            ])
    }

    /// The `Date` of this second.
    private func now() -> String {
        let second = time(nil)
        return date.withLockedValue { known in
            if known.second != second { known = (second, HTTPDate.text(Timestamp(milliseconds: Int64(second) * 1000))) }
            return known.text
        }
    }
}

extension HTTPField.Name {
    fileprivate static let host = HTTPField.Name("Host")!
}

extension ByteBuffer {
    fileprivate mutating func writeLine(_ name: StaticString, _ value: String) {
        writeStaticString(name)
        writeString(value)
        writeStaticString("\r\n")
    }
}
