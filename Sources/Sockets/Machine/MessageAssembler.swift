import NIOCore

/// A whole message from the peer.
enum WebSocketMessage: Equatable {
    /// Valid UTF-8.
    case text(ByteBuffer)
    case binary(ByteBuffer)
}

/// Joins data frames to messages (RFC 6455 section 5.4) within limits of bytes and fragments, and inflates those that are
/// compressed (RFC 7692 section 6.2). Payloads are taken as they come, so that what is wrong with them is found at once.
struct MessageAssembler {
    private enum Kind {
        case text
        case binary
    }

    let maxBytes: Int
    let maxFragments: Int
    private let compression: PermessageDeflate?
    /// Of the unfinished message.
    private var kind: Kind?
    private var isCompressed = false
    private var fragments = 0
    private var wireBytes = 0
    private var bytes = ByteBuffer()
    private var validator = UTF8Validator()
    /// Kept between messages only where they may refer to earlier ones.
    private var inflater: Inflater?
    /// Bytes that were inflated since they were last asked for.
    private var inflated = 0

    /// Bytes of the unfinished message.
    var heldBytes: Int { bytes.readableBytes }

    init(maxBytes: Int, maxFragments: Int, compression: PermessageDeflate? = nil) {
        self.maxBytes = maxBytes
        self.maxFragments = maxFragments
        self.compression = compression
    }

    /// A data frame starts.
    /// - Throws: 1002 for a frame out of place, 1009 and 1008 when the message would get too many bytes or fragments.
    mutating func begin(_ opcode: WebSocketFrames.Opcode, _ header: FrameHeader) throws(WebSocketViolation) {
        if opcode == .continuation {
            guard kind != nil else { throw WebSocketViolation(.protocolError, "continuation without a message") }
        } else {
            guard kind == nil else { throw WebSocketViolation(.protocolError, "message inside a fragmented message") }
            kind = opcode == .text ? .text : .binary
            isCompressed = header.reserved != 0
        }
        fragments += 1
        guard fragments <= maxFragments else { throw WebSocketViolation(.policyViolation, "too many fragments") }
        guard header.length <= remainingBytes else { throw WebSocketViolation(.messageTooBig, "message too big") }
        wireBytes += header.length
        if isCompressed { try makeInflater() }
    }

    /// What a further frame of the message may have. What does not get smaller by compression gets a little larger by it.
    private var remainingBytes: Int {
        isCompressed ? maxBytes + maxBytes / 8 + 64 + 16 * fragments - wireBytes : maxBytes - wireBytes
    }

    /// Takes the next bytes of the frame's payload.
    /// - Throws: 1007 for text that is not UTF-8 and for what cannot be inflated, 1009 when it inflates to too much.
    mutating func append(_ input: inout ByteBuffer, count: Int, _ mask: inout FrameMask) throws(WebSocketViolation) {
        guard isCompressed else {
            let known = bytes.readableBytes
            bytes.writeUnmasked(&input, count: count, &mask)
            return try validate(from: known)
        }
        var rest = count
        while rest > 0, let inflater {
            rest -= inflater.take(&input, count: rest, &mask)
            try useUp(inflater)
        }
    }

    /// The frame ends; answers the message, if it ends too.
    /// - Throws: 1007 for a message that is cut off in the middle of a character or of compressed data.
    mutating func end(fin: Bool) throws(WebSocketViolation) -> WebSocketMessage? {
        guard fin, let kind else { return nil }
        if isCompressed { try finishInflating() }
        guard validator.isComplete else { throw Self.notUTF8 }
        let message: WebSocketMessage = kind == .text ? .text(bytes) : .binary(bytes)
        self.kind = nil
        isCompressed = false
        (fragments, wireBytes) = (0, 0)
        bytes = ByteBuffer()
        return message
    }

    // MARK: Inflating

    /// How many bytes have been inflated since the last call.
    mutating func takeInflated() -> Int {
        defer { inflated = 0 }
        return inflated
    }

    private mutating func makeInflater() throws(WebSocketViolation) {
        guard inflater == nil else { return }
        inflater = Inflater(windowBits: compression?.clientWindowBits ?? 15)
        if inflater == nil { throw WebSocketViolation(.internalError, "out of memory") }
    }

    private mutating func finishInflating() throws(WebSocketViolation) {
        guard let inflater else { return }
        if inflater.takeTail() { try useUp(inflater) }
        try inflater.end()
        if compression?.clientContextTakeover != true { self.inflater = nil }
    }

    private mutating func useUp(_ inflater: Inflater) throws(WebSocketViolation) {
        while true {
            let known = bytes.readableBytes
            let hasMore = try inflater.step(into: &bytes, limit: maxBytes)
            inflated += bytes.readableBytes - known
            try validate(from: known)
            if !hasMore { return }
        }
    }

    // MARK: UTF-8

    private mutating func validate(from start: Int) throws(WebSocketViolation) {
        guard kind == .text else { return }
        var validator = validator
        let isValid = bytes.withUnsafeReadableBytes { validator.append(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        guard isValid else { throw Self.notUTF8 }
        self.validator = validator
    }

    private static let notUTF8 = WebSocketViolation(.invalidPayload, "text is not UTF-8")
}
