import NIOCore

/// Leads an upgraded connection's traffic around what is left of the HTTP pipeline, which cannot be taken out: it has
/// to hear of the connection's end, so that its task ends, and of nothing else.
///
/// `Entry` stands before the remainder and `Exit` behind it; new handlers come behind it.
enum UpgradeBypass {
    /// Adds both, the entry right after `handler`.
    static func install(after handler: ConnectionGate, in pipeline: ChannelPipeline.SynchronousOperations) throws -> Entry {
        let entry = Entry()
        let exit = Exit()
        entry.exit = exit
        exit.entry = entry
        try pipeline.addHandler(entry, position: .after(handler))
        try pipeline.addHandler(exit, position: .last)
        return entry
    }

    final class Entry: ChannelInboundHandler {
        typealias InboundIn = Any

        fileprivate var exit: Exit?
        fileprivate var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func handlerRemoved(context: ChannelHandlerContext) {
            self.context = nil
            exit = nil
        }

        /// Hands over bytes that have come through what stands before.
        func pass(_ bytes: ByteBuffer) {
            exit?.context?.fireChannelRead(NIOAny(bytes))
            exit?.context?.fireChannelReadComplete()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { exit?.context?.fireChannelRead(data) }
        func channelReadComplete(context: ChannelHandlerContext) { exit?.context?.fireChannelReadComplete() }
        func channelWritabilityChanged(context: ChannelHandlerContext) { exit?.context?.fireChannelWritabilityChanged() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { exit?.context?.fireErrorCaught(error) }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            exit?.context?.fireUserInboundEventTriggered(event)
        }
    }

    final class Exit: ChannelOutboundHandler {
        typealias OutboundIn = Any

        fileprivate var entry: Entry?
        fileprivate var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func handlerRemoved(context: ChannelHandlerContext) {
            self.context = nil
            entry = nil
        }

        func read(context: ChannelHandlerContext) { entry?.context?.read() }
        func flush(context: ChannelHandlerContext) { entry?.context?.flush() }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            guard let entry = entry?.context else { return fail(promise) }
            entry.write(data, promise: promise)
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            guard let entry = entry?.context else { return fail(promise) }
            entry.close(mode: mode, promise: promise)
        }

        func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
            guard let entry = entry?.context else { return fail(promise) }
            entry.triggerUserOutboundEvent(event, promise: promise)
        }

        private func fail(_ promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.ioOnClosedChannel) }
    }
}

@available(*, unavailable)
extension UpgradeBypass.Entry: Sendable {}

@available(*, unavailable)
extension UpgradeBypass.Exit: Sendable {}
