import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

// Files as bodies, sent by the kernel window by window.
extension ConnectionGate {
    /// A route's answer goes on with a file.
    func take(_ order: FileOrder, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        guard configuration.sendsFiles else {
            order.refuse()
            return promise.succeed(())
        }
        switch machine.answerContinued(byFile: order.part.range.count) {
        case .drop: promise.succeed(())
        case .breakOff: breakOff(context, promise)
        case .write: transfer(order.part, .route(promise), context)
        }
    }

    func transfer(_ part: FilePart, _ purpose: FileTransfer.Purpose, _ context: ChannelHandlerContext) {
        let transfer = FileTransfer(part, purpose)
        self.transfer = transfer
        goOn(transfer, context)
    }

    private func goOn(_ transfer: FileTransfer, _ context: ChannelHandlerContext) {
        guard self.transfer === transfer else { return ended(transfer, ChannelError.ioOnClosedChannel, context) }
        guard let window = transfer.next else { return ended(transfer, nil, context) }
        switch transfer.part.file.residence(of: window) {
        case .memory: send(window, transfer, context)
        case .disk: warm(window, transfer, context)
        // The answer is shorter than its head has promised: only the connection's end can tell the client.
        case .nowhere: ended(transfer, IOError(errnoCode: EIO, reason: "the file is shorter than announced"), context)
        }
    }

    private func send(_ window: Range<Int64>, _ transfer: FileTransfer, _ context: ChannelHandlerContext) {
        guard let tap = codec?.tap else { return ended(transfer, ChannelError.ioOnClosedChannel, context) }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error): self.ended(transfer, error, context)
            case .success:
                transfer.sent(window)
                if transfer.next == nil { return self.ended(transfer, nil, context) }
                // Not at once: a reader as fast as the disk must not keep the loop from the others.
                context.eventLoop.assumeIsolated().execute { self.goOn(transfer, context) }
            }
        }
        tap.write(.fileRegion(transfer.region(window)), promise: written)
        tap.flush()
        // It may have left already, and the connection with it.
        guard self.context != nil, self.transfer === transfer else { return }
        lookAtWrites(context)
        schedule(context)
    }

    /// Has a window read on a file thread; it is sent then, without another look.
    private func warm(_ window: Range<Int64>, _ transfer: FileTransfer, _ context: ChannelHandlerContext) {
        let file = transfer.part.file
        configuration.fileThreads.runIfActive(eventLoop: context.eventLoop) { try file.warm(window) }
            .assumeIsolated().whenComplete { result in
                switch result {
                case .failure(let error): self.ended(transfer, error, context)
                case .success where self.transfer === transfer: self.send(window, transfer, context)
                case .success: self.ended(transfer, ChannelError.ioOnClosedChannel, context)
                }
            }
    }

    private func ended(_ transfer: FileTransfer, _ error: (any Error)?, _ context: ChannelHandlerContext) {
        let isOurs = self.transfer === transfer
        if isOurs { self.transfer = nil }
        if let error, isOurs { fail(error, context) }
        switch transfer.purpose {
        case .route(let promise): if let error { promise.fail(error) } else { promise.succeed(()) }
        case .direct: if error == nil && isOurs { endDirectly(context) }
        }
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        if error is IOError { logger.debug("a file was not sent to its end", metadata: ["cause": "\(error)"]) }
        context.close(promise: nil)
    }
}
