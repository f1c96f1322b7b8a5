import NIOCore

/// What a Close frame says (RFC 6455 section 5.5.1).
struct CloseContent: Equatable {
    /// `nil`: the frame was empty.
    var code: WebSocketCloseCode?
    var reason: String

    init(code: WebSocketCloseCode?, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Reads a peer's Close frame.
    /// - Throws: 1002 for half a code or one that may not be sent, 1007 for a reason that is not UTF-8.
    init(payload: ByteBuffer) throws(WebSocketViolation) {
        var payload = payload
        guard payload.readableBytes > 0 else {
            self.init(code: nil)
            return
        }
        guard let code = payload.readInteger(as: UInt16.self).map(WebSocketCloseCode.init), code.isValidOnWire else {
            throw WebSocketViolation(.protocolError, "bad close code")
        }
        var validator = UTF8Validator()
        guard validator.append(payload.readableBytesView), validator.isComplete else {
            throw WebSocketViolation(.invalidPayload, "close reason is not UTF-8")
        }
        self.init(code: code, reason: String(buffer: payload))
    }

    /// The bytes to send, the reason cut to what a control frame holds. A code that may not be sent gives an empty frame.
    var payload: ByteBuffer {
        var bytes = ByteBuffer()
        guard let code, code.isValidOnWire else { return bytes }
        bytes.writeInteger(code.rawValue)
        var text = reason[...]
        while text.utf8.count > 123 { text.removeLast() }
        bytes.writeSubstring(text)
        return bytes
    }
}
