import Core
import CoreMetrics
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

// How a connection ends, and the time it is given.
extension ConnectionGate {
    /// Answers with the problem by itself; the machine is `finishing` already.
    func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        let document = ProblemDocument(problem, requestID: RequestID.generate())
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: problem.status))
        for field in document.headers { head.headers.add(name: field.name.rawName, value: field.value) }
        head.headers.add(name: "Content-Length", value: String(document.body.count))
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: document.body)))), promise: nil)
        logger.debug("refused a request before any route", metadata: ["code": "\(problem.code)"])
        finish(context, nil, nil)
        schedule(context)
    }

    /// Writes the end of the last answer.
    func finish(_ context: ChannelHandlerContext, _ trailers: HTTPHeaders?, _ promise: EventLoopPromise<Void>?) {
        let sent = promise ?? context.eventLoop.makePromise()
        sent.futureResult.assumeIsolated().whenSuccess { self.linger(context) }
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: sent)
        lookAtWrites(context)
    }

    /// Closes an idle connection, but not before what is still on its way to the client has left.
    func closeOnceSent(_ context: ChannelHandlerContext) {
        if pendingBytes(context) == 0 { return context.close(promise: nil) }
        machine.state = .finishing
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { self.linger(context) }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: sent)
    }

    /// The answer has left: says so to the client (FIN), and gives it a moment to read it before the connection is
    /// closed, for a close with unread input would reach it as a reset that may overtake the answer.
    func linger(_ context: ChannelHandlerContext) {
        guard self.context != nil else { return }
        machine.lastAnswerSent(at: context.eventLoop.now)
        if machine.isInputClosed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
        schedule(context)
    }

    func cut(_ reason: Cut, _ context: ChannelHandlerContext) {
        if reason.isFault {
            Counter(label: "http_connections_cut", dimensions: [("reason", reason.rawValue)]).increment()
        }
        logger.debug("cut a connection", metadata: ["reason": "\(reason.rawValue)"])
        context.close(promise: nil)
    }

    // MARK: Time

    private func pendingBytes(_ context: ChannelHandlerContext) -> Int {
        if let pending { return pending() }
        // Channels that cannot say it (none of ours) count as having sent everything.
        return (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func lookAtWrites(_ context: ChannelHandlerContext) {
        let pending = pendingBytes(context)
        machine.writes.looked(taken: bytesWritten - pending, pending: pending, at: context.eventLoop.now)
    }

    /// Sets the timer for the next deadline. One that fires too early finds nothing to do and is set anew: cheaper
    /// than moving it for each byte.
    func schedule(_ context: ChannelHandlerContext) {
        guard self.context != nil, let deadline = machine.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.timeIsUp(context) }
        timer = (deadline, task)
    }

    private func timeIsUp(_ context: ChannelHandlerContext) {
        timer = nil
        guard self.context != nil else { return }
        lookAtWrites(context)
        switch machine.timePassed(at: context.eventLoop.now) {
        case .wait: break
        case .cut(let reason): cut(reason, context)
        case .refuse(let problem):
            decision?.cancel()
            refuse(problem, context)
        }
        schedule(context)
    }
}

extension Problem {
    static let tooManyConnections = unavailable(
        "too_many_connections", "There are too many connections from this address.", retryAfter: 5)
}

extension Cut {
    /// Whether the client misbehaved; the others are the ordinary end of a connection.
    var isFault: Bool { self != .idle && self != .lingered }
}
