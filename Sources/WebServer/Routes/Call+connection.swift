public import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

// What a handler can ask of the connection that requests and answers have no words for.
extension Call {
    /// Tells a waiting client (`Expect: 100-continue`, RFC 9110 section 10.1.1) that its body is welcome.
    /// Call it once the request is admitted and before reading the body.
    public func acceptBody() async { await channel.acceptBody() }

    /// Sends an informational answer (RFC 9110 section 15.2) before the final one, in the order of the calls.
    ///
    /// Nothing is sent after the final answer has begun, to an HTTP/1.0 client, to one that does not read, or through a
    /// proxy: not all of them pass on a 1xx they do not know, and some take it for the final answer.
    /// - Returns: whether it was sent; whether it has arrived nobody knows.
    @discardableResult
    public func inform(_ status: HTTPResponse.Status, headers: HTTPFields = [:]) async -> Bool {
        guard !isProxied else { return false }
        let head = HTTPResponseHead(
            version: .http1_1, status: .custom(code: UInt(status.code), reasonPhrase: status.reasonPhrase),
            headers: HTTPHeaders(headers.map { ($0.name.rawName, $0.value) }))
        let information = Information(head: head)
        await channel.ask(information)
        return information.isSent
    }

    /// The fields that came after the body (RFC 9110 section 6.5): ask once it has been read to its end, and before the
    /// request is answered; at other times there may be none. Their sender may have put anything there: take only those you know.
    public func trailers() async -> HTTPFields {
        let question = TrailerQuestion()
        await channel.ask(question)
        return question.fields
    }
}

extension Call {
    /// Has something called once, on the connection's event loop, if the client goes away before it has been answered: for what
    /// waits long. Who closes only its half of the connection is taken to be gone. There is one such call for a request, the last.
    public func whenGone(_ body: @escaping @Sendable () -> Void) async {
        do { try await channel.triggerUserOutboundEvent(DepartureWatch(tell: body)).get() } catch { body() }
    }
}

/// Asks the connection to tell if the client goes away before it has been answered.
struct DepartureWatch: Sendable {
    let tell: @Sendable () -> Void
}

/// Asks the connection to send `100 Continue` if the current request waits for it.
public struct BodyAccepted: Sendable {
    public init() {}
}

/// Asks the connection to send an informational answer.
final class Information: Sendable {
    let head: HTTPResponseHead
    private let sent = NIOLockedValueBox(false)

    var isSent: Bool { sent.withLockedValue { $0 } }

    init(head: HTTPResponseHead) { self.head = head }

    func wasSent() { sent.withLockedValue { $0 = true } }
}

/// Asks the connection for the trailer fields of the current request.
final class TrailerQuestion: Sendable {
    private let answered = NIOLockedValueBox(HTTPFields())

    var fields: HTTPFields { answered.withLockedValue { $0 } }

    func answer(_ headers: HTTPHeaders?) {
        guard let headers else { return }
        answered.withLockedValue { $0 = HTTPFields(headers, splitCookie: false) }
    }
}

extension Channel {
    func acceptBody() async { await ask(BodyAccepted()) }

    func ask(_ event: some Sendable) async {
        // A connection that is gone shows itself at the next read.
        try? await triggerUserOutboundEvent(event).get()
    }
}
