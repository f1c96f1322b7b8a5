import NIOCore

/// Messages that leave together for many connections of one event loop: joined once for all that need the same bytes.
///
/// Connections without compression share one buffer, and those that agreed on no server context takeover another (for each window
/// size). Where a connection compresses by itself, its messages cannot be joined for others.
public final class PreparedRun {
    /// What the bytes of a connection depend on.
    struct Form: Hashable {
        var settings: Deflater.Settings
        var configuration: PermessageDeflate.Configuration
    }

    /// In the order of sending.
    public let messages: [PreparedMessage]
    /// All uncompressed frames.
    private(set) lazy var frames = Self.joined(messages.map(\.frame))
    private var compressed: [Form: ByteBuffer] = [:]

    /// - Parameter messages: In the order of sending.
    public init(_ messages: [PreparedMessage]) { self.messages = messages }

    /// All frames, each compressed unless it is too small, too large, or not made smaller by it.
    func frames(_ form: Form) -> ByteBuffer {
        // Mostly none of them is long enough: then nothing is joined a second time.
        guard messages.contains(where: { form.configuration.compresses($0.payload.readableBytes) }) else { return frames }
        if let frames = compressed[form] { return frames }
        let frames = Self.joined(messages.map { $0.frame(form) })
        compressed[form] = frames
        return frames
    }

    private static func joined(_ frames: [ByteBuffer]) -> ByteBuffer {
        if frames.count == 1 { return frames[0] }
        var all = ByteBufferAllocator().buffer(capacity: frames.reduce(0) { $0 + $1.readableBytes })
        for frame in frames { all.writeImmutableBuffer(frame) }
        return all
    }
}

extension PreparedMessage {
    /// The frame for connections that share compressors.
    fileprivate func frame(_ form: PreparedRun.Form) -> ByteBuffer {
        form.configuration.compresses(payload.readableBytes) ? sharedFrame(form.settings) : frame
    }
}

@available(*, unavailable)
extension PreparedRun: Sendable {}
