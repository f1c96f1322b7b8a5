import NIOCore
import NIOWebSocket

/// Turns a channel whose HTTP handlers are gone into a WebSocket.
public enum WebSocketPipeline {
    /// Adds the frame decoder and the handler to the pipeline and tells the delegate that the connection is open.
    ///
    /// To be called on the channel's event loop, after the 101 response was written and before anything else is read. Bytes that
    /// the client sent behind its request have to be fired into the pipeline afterwards.
    /// - Throws: `ChannelError` if the channel is closed already; the delegate is told nothing then.
    public static func install(
        on channel: any Channel, configuration: WebSocketConfiguration = WebSocketConfiguration(),
        delegate: any WebSocketConnectionDelegate
    ) throws {
        let decoder = WebSocketFrameDecoder(maxFrameSize: min(configuration.maxMessageBytes, Int(UInt32.max)))
        let pipeline = channel.pipeline.syncOperations
        let handler = WebSocketChannelHandler(configuration: configuration, delegate: delegate)
        try pipeline.addHandlers([ByteToMessageHandler(decoder), handler])
    }
}
