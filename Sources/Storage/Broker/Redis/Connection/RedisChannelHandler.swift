import NIOCore

/// A command on its way out, and who waits for its reply.
struct RedisRequest: Sendable {
    let command: RedisCommand
    /// `nil` for SUBSCRIBE and what follows it: their answers are messages, not replies.
    let promise: EventLoopPromise<RedisReply>?
}

/// Matches replies to commands. A reply that nobody waits for goes on inbound when the connection takes messages, and is
/// an error otherwise; so is a reply that does not come in time: those after it could not be told apart.
final class RedisChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = RedisReply
    typealias OutboundIn = RedisRequest
    typealias OutboundOut = ByteBuffer

    private let parser: ReplyParser
    private let timeout: TimeAmount
    private let takesMessages: Bool
    private var queue = ReplyQueue<EventLoopPromise<RedisReply>>()
    private var alarm: Scheduled<Void>?
    private var mustFlush = false
    private var error: (any Error)?

    init(limits: ReplyBuilder.Limits, timeout: TimeAmount, takesMessages: Bool) throws {
        self.parser = try ReplyParser(limits: limits)
        self.timeout = timeout
        self.takesMessages = takesMessages
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        if let error { request.promise?.fail(error) } else { send(request, context) }
        promise?.succeed()
    }

    /// What is written within one turn of the event loop leaves together.
    private func send(_ request: RedisRequest, _ context: ChannelHandlerContext) {
        if let waiter = request.promise { queue.append(waiter, deadline: context.eventLoop.now + timeout) }
        var buffer = context.channel.allocator.buffer(capacity: request.command.size)
        request.command.write(into: &buffer)
        context.write(wrapOutboundOut(buffer), promise: nil)
        watch(context)
        guard !mustFlush else { return }
        mustFlush = true
        context.eventLoop.assumeIsolated().execute {
            self.mustFlush = false
            context.flush()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard error == nil else { return }
        do {
            try unwrapInboundIn(data).withUnsafeReadableBytes(parser.feed)
            while error == nil, let reply = try parser.next() { try take(reply, context) }
        } catch {
            fail(error, context)
        }
    }

    private func take(_ reply: RedisReply, _ context: ChannelHandlerContext) throws {
        if let waiter = queue.next() { return waiter.succeed(reply) }
        guard takesMessages else { throw RedisError.malformedReply }
        context.fireChannelRead(wrapInboundOut(reply))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    func channelInactive(context: ChannelHandlerContext) {
        fail(RedisError.disconnected, context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(RedisError.disconnected, context) }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        if self.error == nil { self.error = error }
        alarm?.cancel()
        alarm = nil
        for waiter in queue.removeAll() { waiter.fail(self.error ?? error) }
        context.close(promise: nil)
    }

    /// One timer at a time, for the reply that is due next.
    private func watch(_ context: ChannelHandlerContext) {
        guard alarm == nil, let deadline = queue.deadline else { return }
        alarm = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.alarm = nil
            if let due = self.queue.deadline, due <= context.eventLoop.now { return self.fail(RedisError.timedOut, context) }
            self.watch(context)
        }
    }
}

@available(*, unavailable)
extension RedisChannelHandler: Sendable {}
