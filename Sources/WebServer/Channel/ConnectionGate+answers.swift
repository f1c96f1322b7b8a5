import NIOCore
import NIOHTTP1

// What the routes send, and their reading.
extension ConnectionGate {
    func read(context: ChannelHandlerContext) {
        if machine.mayRead(holdsMore: !held.isEmpty, at: context.eventLoop.now) {
            context.read()
        } else {
            heldRead = true
        }
        schedule(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            guard let head = machine.answered(head) else { return fail(promise) }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            if machine.takesBody { context.write(data, promise: promise) } else { promise?.succeed(()) }
        case .end(let trailers):
            switch machine.answerEnded(holdsMore: !held.isEmpty, at: context.eventLoop.now) {
            case .drop: fail(promise)
            case .finish: finish(context, trailers, promise)
            case .next:
                context.write(data, promise: promise)
                takeHeld(context)
            }
        }
        schedule(context)
    }

    private func fail(_ promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.outputClosed) }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        lookAtWrites(context)
        schedule(context)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyAccepted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if machine.bodyAccepted(at: context.eventLoop.now) {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        promise?.succeed(())
        schedule(context)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        switch machine.state {
        // The gate closes the output by itself, once the last answer has left.
        case .finishing, .lingering: promise?.succeed(())
        case .awaitingHead:
            closeOnceSent(context)
            promise?.succeed(())
        // An answer that breaks off must not look complete.
        case .exchanging, .deciding: context.close(promise: promise)
        case .released: context.close(mode: mode, promise: promise)
        }
    }
}
