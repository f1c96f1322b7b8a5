import NIOCore
import NIOWebSocket

/// A whole message from the peer.
enum WebSocketMessage: Equatable {
    /// Valid UTF-8.
    case text(ByteBuffer)
    case binary(ByteBuffer)
}

/// Joins data frames to messages (RFC 6455 section 5.4) within limits of bytes and fragments.
struct MessageAssembler {
    private struct Partial {
        var opcode: WebSocketOpcode
        var bytes = ByteBuffer()
        var fragments = 0
        var validator = UTF8Validator()
    }

    let maxBytes: Int
    let maxFragments: Int
    private var partial: Partial?

    /// Bytes of the unfinished message.
    var heldBytes: Int { partial?.bytes.readableBytes ?? 0 }

    init(maxBytes: Int, maxFragments: Int) {
        self.maxBytes = maxBytes
        self.maxFragments = maxFragments
    }

    /// Takes a data frame with its unmasked payload; answers the message that it ends, if any.
    /// - Throws: 1002 for a frame out of place, 1009 and 1008 for too many bytes or fragments, 1007 for a text that is not UTF-8.
    mutating func append(
        _ opcode: WebSocketOpcode, fin: Bool, _ payload: ByteBuffer
    ) throws(WebSocketViolation) -> WebSocketMessage? {
        var message = try begin(opcode)
        try add(payload, to: &message)
        guard fin else {
            partial = message
            return nil
        }
        guard message.validator.isComplete else { throw Self.notUTF8 }
        return message.opcode == .text ? .text(message.bytes) : .binary(message.bytes)
    }

    // Takes the partial message out, so that its buffer has one owner and grows in place.
    private mutating func begin(_ opcode: WebSocketOpcode) throws(WebSocketViolation) -> Partial {
        guard opcode == .continuation else {
            guard partial == nil else { throw WebSocketViolation(.protocolError, "message inside a fragmented message") }
            return Partial(opcode: opcode)
        }
        guard let message = partial.take() else {
            throw WebSocketViolation(.protocolError, "continuation without a message")
        }
        return message
    }

    private func add(_ payload: ByteBuffer, to message: inout Partial) throws(WebSocketViolation) {
        message.fragments += 1
        guard message.fragments <= maxFragments else { throw WebSocketViolation(.policyViolation, "too many fragments") }
        guard message.bytes.readableBytes + payload.readableBytes <= maxBytes else {
            throw WebSocketViolation(.messageTooBig, "message too big")
        }
        if message.opcode == .text, !message.validator.append(payload.readableBytesView) { throw Self.notUTF8 }
        if message.fragments == 1 { message.bytes = payload } else { message.bytes.writeImmutableBuffer(payload) }
    }

    private static let notUTF8 = WebSocketViolation(.invalidPayload, "text is not UTF-8")
}
