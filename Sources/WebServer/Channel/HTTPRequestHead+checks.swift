import Core
import NIOHTTP1

extension HTTPRequestHead {
    /// What is wrong with the head, by RFC 9112; `nil` when it can be answered.
    ///
    /// Lengths that two parsers could read differently are refused, so that nothing can be smuggled past a proxy.
    func violation(_ limits: ConnectionLimits) -> Problem? {
        if uri.utf8.count > limits.targetBytes {
            return Problem(414, "target_too_long", "The request target has at most \(limits.targetBytes) bytes.")
        }
        if headers.count > limits.headerFields && headers.fieldCount > limits.headerFields { return .headTooLarge }
        if headers.bytes > limits.headerBytes { return .headTooLarge }
        if method == .CONNECT { return Problem(501, "not_a_proxy", "This server opens no tunnels.") }
        guard uri.hasPrefix("/") || uri == "*" || uri.hasPrefix("http://") || uri.hasPrefix("https://") else {
            return .badRequest("bad_target", "The request target must be a path.")
        }
        let hosts = headers["host"].count
        if hosts > 1 || (hosts == 0 && version == .http1_1) {
            return .badRequest("bad_host", "A request has one Host header.")
        }
        return framingViolation ?? expectationViolation
    }

    private var framingViolation: Problem? {
        let codings = headers[canonicalForm: "transfer-encoding"]
        let lengths = headers["content-length"].count
        if lengths > 1 || (lengths == 1 && !codings.isEmpty) {
            return .badRequest("bad_framing", "The length of the body is stated in more than one way.")
        }
        if codings.isEmpty { return nil }
        if version.minor == 0 { return .badRequest("bad_framing", "HTTP/1.0 knows no Transfer-Encoding.") }
        guard codings.count == 1, codings[0].lowercased() == "chunked" else {
            return Problem(501, "unsupported_coding", "The only Transfer-Encoding is chunked.")
        }
        return nil
    }

    private var expectationViolation: Problem? {
        let expectations = headers[canonicalForm: "expect"]
        if expectations.allSatisfy({ $0.lowercased() == "100-continue" }) { return nil }
        return Problem(417, "unknown_expectation", "The only expectation this server meets is 100-continue.")
    }

    /// Whether a body follows.
    var hasBody: Bool {
        headers.contains(name: "transfer-encoding") || headers.first(name: "content-length").map { $0 != "0" } ?? false
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    var expectsContinue: Bool { version.minor > 0 && hasBody && headers.contains(name: "expect") }

    /// Whether the request names another protocol, seriously or not.
    var namesUpgrade: Bool { headers.contains(name: "upgrade") }

    /// Whether the request can be answered by switching protocols (RFC 9110 section 7.8).
    var asksForUpgrade: Bool {
        namesUpgrade && method == .GET && version == .http1_1 && !hasBody
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// The same request without the offer to switch protocols.
    var withoutUpgrade: HTTPRequestHead {
        var plain = self
        plain.headers.remove(name: "upgrade")
        plain.headers.remove(name: "http2-settings")
        let options = headers[canonicalForm: "connection"].filter { !["upgrade", "http2-settings"].contains($0.lowercased()) }
        plain.headers.remove(name: "connection")
        if !options.isEmpty { plain.headers.add(name: "connection", value: options.joined(separator: ", ")) }
        return plain
    }
}

extension HTTPHeaders {
    /// Fields, the parts into which HTTP/2 cuts the cookies together as one (RFC 9113 section 8.2.3).
    fileprivate var fieldCount: Int { count - self["cookie"].dropFirst().count }

    /// Of names and values.
    fileprivate var bytes: Int { reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } }
}
