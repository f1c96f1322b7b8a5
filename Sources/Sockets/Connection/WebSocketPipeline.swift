import NIOCore
import NIOHTTP1

/// Turns a channel whose HTTP handlers are gone into a WebSocket.
public enum WebSocketPipeline {
    /// Adds the handler to the pipeline and tells the delegate that the connection is open.
    ///
    /// To be called on the channel's event loop, after the 101 response was written and before anything else is read. Bytes that
    /// the client sent behind its request have to be fired into the pipeline afterwards.
    /// - Parameters:
    ///   - response: The fields of the 101 response: the compression that they agree on holds from here.
    ///   - isNextToSocket: Whether no handler changes, or has to see, what goes to the socket from here, as TLS would. Then frames
    ///     may pass the rest of the pipeline by.
    /// - Throws: `ChannelError` if the channel is closed already; the delegate is told nothing then.
    public static func install(
        on channel: any Channel, configuration: WebSocketConfiguration = WebSocketConfiguration(), response: HTTPHeaders = [:],
        isNextToSocket: Bool = false, delegate: any WebSocketConnectionDelegate
    ) throws {
        let handler = WebSocketChannelHandler(
            configuration: configuration, compression: PermessageDeflate(acceptedIn: response), isNextToSocket: isNextToSocket,
            delegate: delegate)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}
