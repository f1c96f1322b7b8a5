import Crypto
import Foundation
import NIOHTTP1

/// The server's side of the opening handshake (RFC 6455 section 4.2) as pure functions.
public enum WebSocketHandshake {
    /// What to do with a request.
    public enum Decision: Sendable, Equatable {
        /// An ordinary request: no WebSocket was asked for.
        case notWebSocket
        /// Answer 101 with exactly these header fields, then install the WebSocket pipeline.
        case accept(responseHeaders: HTTPHeaders)
        /// Answer with that status, and with these header fields in addition to the usual ones.
        case refuse(status: HTTPResponseStatus, reason: String, responseHeaders: HTTPHeaders)
    }

    /// Decides on a request by its head alone.
    /// - Parameters:
    ///   - subprotocols: What the endpoint can speak; the first that the client offers is chosen. A client that offers none of
    ///     them is accepted without one, and closes by itself if it minds.
    ///   - origins: The pages that may connect.
    ///   - compression: What may be agreed on; the answer's fields say what was, and have to be given to the pipeline.
    public static func decide(
        _ head: HTTPRequestHead, subprotocols: [String] = [], origins: WebSocketOriginPolicy,
        compression: PermessageDeflate.Configuration? = nil
    ) -> Decision {
        guard asksForWebSocket(head) else { return .notWebSocket }
        if let refusal = refusal(head, origins) { return refusal }
        guard let offers = WebSocketExtension.list(head.headers[PermessageDeflate.field]) else {
            return bad("Sec-WebSocket-Extensions is malformed.")
        }
        guard let key = key(head.headers) else { return bad("Sec-WebSocket-Key must be given once: 16 bytes in base64.") }
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": acceptValue(forKey: key),
        ]
        let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
        if let chosen = selectSubprotocol(offered: offered, supported: subprotocols) {
            headers.add(name: "Sec-WebSocket-Protocol", value: chosen)
        }
        if let compression, let (_, answer) = PermessageDeflate.negotiate(offers, compression) {
            headers.add(name: PermessageDeflate.field, value: answer)
        }
        return .accept(responseHeaders: headers)
    }

    /// The first of the client's offers, in its order of preference, that the endpoint supports. Names are case-sensitive.
    public static func selectSubprotocol(offered: [String], supported: [String]) -> String? {
        offered.first(where: supported.contains)
    }

    /// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455 section 4.2.2, item 5.4).
    public static func acceptValue(forKey key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    // `Upgrade` in an HTTP/1.0 request must be ignored (RFC 9110 section 7.8).
    private static func asksForWebSocket(_ head: HTTPRequestHead) -> Bool {
        (head.version.major, head.version.minor) >= (1, 1) && head.headers.lists("websocket", in: "Upgrade")
    }

    private static func refusal(_ head: HTTPRequestHead, _ origins: WebSocketOriginPolicy) -> Decision? {
        let headers = head.headers
        guard head.method == .GET else {
            return .refuse(
                status: .methodNotAllowed, reason: "A WebSocket is opened with GET.", responseHeaders: ["Allow": "GET"])
        }
        guard headers.lists("upgrade", in: "Connection") else {
            return bad("The Connection header must list `upgrade`; does a proxy drop it?")
        }
        guard headers["Host"].count == 1 else { return bad("Exactly one Host header is needed.") }
        // A body would be read as frames.
        guard !hasBody(headers) else { return bad("A WebSocket request has no body.") }
        guard headers["Sec-WebSocket-Version"] == ["13"] else { return wrongVersion }
        let origin = headers["Origin"]
        guard origin.count <= 1, origins.permits(origin: origin.first, host: headers.first(name: "Host")) else {
            return .refuse(status: .forbidden, reason: "Pages of that origin may not connect.", responseHeaders: [:])
        }
        return nil
    }

    private static var wrongVersion: Decision {
        .refuse(
            status: .upgradeRequired, reason: "Only WebSocket version 13 is spoken here.",
            responseHeaders: ["Sec-WebSocket-Version": "13", "Upgrade": "websocket", "Connection": "Upgrade"])
    }

    private static func bad(_ reason: String) -> Decision {
        .refuse(status: .badRequest, reason: reason, responseHeaders: [:])
    }

    private static func hasBody(_ headers: HTTPHeaders) -> Bool {
        headers.contains(name: "Transfer-Encoding") || headers["Content-Length"].contains { $0 != "0" }
    }

    private static func key(_ headers: HTTPHeaders) -> String? {
        let keys = headers["Sec-WebSocket-Key"]
        guard keys.count == 1, let key = keys.first, Data(base64Encoded: key)?.count == 16 else { return nil }
        return key
    }
}

extension HTTPHeaders {
    /// Whether a list-valued field has that token, in whatever case.
    fileprivate func lists(_ token: String, in name: String) -> Bool {
        self[canonicalForm: name].contains { $0.lowercased() == token }
    }
}
