import Logging
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
        case .body(let bytes):
            switch machine.answerContinued(by: bytes.readableBytes) {
            case .write: context.write(data, promise: promise)
            case .drop: promise?.succeed(())
            case .breakOff: breakOff(context, promise)
            }
        case .end(let trailers):
            departure = nil
            switch machine.answerEnded(holdsMore: !held.isEmpty, at: context.eventLoop.now) {
            case .drop: fail(promise)
            case .breakOff: breakOff(context, promise)
            case .finish: finish(context, trailers, promise)
            case .next:
                context.write(data, promise: promise)
                takeHeld(context)
            }
        }
        schedule(context)
    }

    private func fail(_ promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.outputClosed) }

    /// Ends a connection over which an answer does not keep to its `Content-Length`.
    func breakOff(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        logger.error("an answer has not the length that its head says")
        fail(promise)
        context.close(promise: nil)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        lookAtWrites(context)
        schedule(context)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event {
        case is BodyAccepted:
            if machine.bodyAccepted(at: context.eventLoop.now) { inform(context, .init(version: .http1_1, status: .continue)) }
        case let information as Information:
            // To a client that does not read, it would only pile up.
            if machine.takesInformation && context.channel.isWritable {
                inform(context, information.head)
                information.wasSent()
            }
        case let question as TrailerQuestion: question.answer(machine.trailers)
        case let watch as DepartureWatch: look(out: watch)
        case let order as FileOrder: return take(order, context, promise)
        default: return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed(())
        schedule(context)
    }

    private func look(out watch: DepartureWatch) {
        guard case .exchanging = machine.state, !hasLeft else { return watch.tell() }
        departure = watch
    }

    private func inform(_ context: ChannelHandlerContext, _ head: HTTPResponseHead) {
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
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
