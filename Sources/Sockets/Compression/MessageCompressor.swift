import NIOCore

/// Makes the frames of a connection that has agreed on compression.
struct MessageCompressor {
    private let configuration: PermessageDeflate.Configuration
    private let settings: Deflater.Settings
    private let keepsContext: Bool
    /// Made when it is first needed, and dropped when it has not been for some time.
    private var deflater: Deflater?
    private var isIdle = true

    /// Whether there is something to drop.
    var holdsDeflater: Bool { deflater != nil }

    init(_ agreed: PermessageDeflate, _ configuration: PermessageDeflate.Configuration) {
        self.configuration = configuration
        keepsContext = agreed.serverContextTakeover
        settings = Deflater.Settings(
            windowBits: min(agreed.serverWindowBits, configuration.serverWindowBits), level: configuration.level,
            memoryLevel: configuration.memoryLevel)
    }

    /// The frame for a message that is sent next: with context takeover none may be left out, or overtake another.
    mutating func frame(_ opcode: WebSocketFrames.Opcode, _ payload: ByteBuffer) -> ByteBuffer {
        guard configuration.compresses(payload.readableBytes) else { return WebSocketFrames.frame(opcode, payload) }
        return deflated(opcode, payload) ?? WebSocketFrames.frame(opcode, payload)
    }

    /// The same for a message that others get too.
    mutating func frame(_ message: PreparedMessage) -> ByteBuffer {
        let payload = message.payload
        guard configuration.compresses(payload.readableBytes) else { return message.frame }
        guard keepsContext else { return message.sharedFrame(settings) }
        return deflated(message.opcode, payload) ?? message.frame
    }

    /// The frame for a message that may be left out.
    func detachedFrame(_ message: PreparedMessage) -> ByteBuffer {
        guard !keepsContext, configuration.compresses(message.payload.readableBytes) else { return message.frame }
        return message.sharedFrame(settings)
    }

    /// The frames for messages that leave together, joined; `nil` when each has to be compressed for this connection.
    func frames(_ run: PreparedRun) -> ByteBuffer? {
        keepsContext ? nil : run.frames(PreparedRun.Form(settings: settings, configuration: configuration))
    }

    /// Frees the compressor of a connection that has sent nothing compressed since the last call: what the next one makes
    /// refers to nothing before it, as it may.
    mutating func dropIfIdle() {
        if isIdle { deflater = nil }
        isIdle = true
    }

    private mutating func deflated(_ opcode: WebSocketFrames.Opcode, _ payload: ByteBuffer) -> ByteBuffer? {
        guard keepsContext else {
            let frame = DeflaterPool.shared.frame(opcode, payload, settings)
            return frame.flatMap { $0.readableBytes < payload.readableBytes ? $0 : nil }
        }
        isIdle = false
        deflater = deflater ?? Deflater(settings)
        return deflater.map { WebSocketFrames.deflated(opcode, payload, by: $0) }
    }
}
