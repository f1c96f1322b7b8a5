import Core
import CoreMetrics
import NIOCore
import NIOHTTP1

// Requests that need no route.
extension ConnectionGate {
    /// Bytes of answers after which whether a client reads has to be known: TLS keeps what is written until it is flushed.
    private static let unflushed = 64 << 10

    /// Answers what can be answered at once; what is left is for the decoder.
    ///
    /// A client that does not read gets no further answers this way: the routes wait for it, and so does the socket.
    func answerDirectly(_ bytes: inout ByteBuffer) {
        guard let desk = configuration.direct, let context, let tap = codec?.tap, isDecoderIdle, held.isEmpty else { return }
        var isAnswered = false
        let written = bytesWritten
        while machine.takesDirectAnswers, bytes.readableBytes > 0, context.channel.isWritable,
            configuration.sendsFiles || bytesWritten - written < Self.unflushed
        {
            let started = ContinuousClock.now
            guard var request = desk.request(bytes, configuration.limits, looksForProxy: !hasLookedForProxy) else { break }
            request.takesFiles = configuration.sendsFiles
            request.isFromProxy = isFromProxy
            guard let answer = desk.answer(request), request.takesFiles || !answer.isFile else { break }
            bytes.moveReaderIndex(forwardBy: request.length)
            noteDirectRequest()
            isAnswered = true
            write(answer, to: request, since: started, desk, tap, context, holdsMore: bytes.readableBytes > 0)
        }
        guard isAnswered, self.context != nil else { return }
        tap.flush()
        guard self.context != nil else { return }
        lookAtLateWrites(context)
        schedule(context)
    }

    /// Between requests, little that the socket has not taken needs no clock: the next request is due anyway.
    private func lookAtLateWrites(_ context: ChannelHandlerContext) {
        let isShort = context.channel.isWritable && machine.writes.stalledSince == nil
        if !isShort || !machine.takesDirectAnswers { lookAtWrites(context) }
    }

    private func write(
        _ answer: DirectAnswer, to request: DirectRequest, since started: ContinuousClock.Instant, _ desk: DirectDesk,
        _ tap: SocketTap, _ context: ChannelHandlerContext, holdsMore: Bool
    ) {
        let requestID = nextRequestID(request)
        let closes = machine.answeringDirectly(isHead: request.isHead, closes: request.closes ?? true)
        tap.write(.byteBuffer(desk.head(answer, requestID: requestID, closes: closes)))
        desk.record(request, answer, requestID: requestID, ContinuousClock.now - started)
        if !request.isHead {
            switch answer.body {
            case .nothing: break
            case .bytes(let bytes):
                tap.write(.byteBuffer(bytes))
                answer.sent?.increment(by: bytes.readableBytes)
            case .file(let part): return transfer(part, .direct, context)
            }
        }
        end(context, tap, holdsMore: holdsMore)
    }

    private func nextRequestID(_ request: DirectRequest) -> String {
        if let given = RequestID.accept(request.value(.requestID)) { return given }
        var source = requestIDs ?? RequestID.Source()
        defer { requestIDs = source }
        return source.next()
    }

    /// The file of a direct answer has left.
    func endDirectly(_ context: ChannelHandlerContext) {
        guard let tap = codec?.tap else { return }
        end(context, tap, holdsMore: !held.isEmpty)
        tap.flush()
        guard self.context != nil else { return }
        takeHeld(context)
        schedule(context)
    }

    /// An answer is written.
    private func end(_ context: ChannelHandlerContext, _ tap: SocketTap, holdsMore: Bool) {
        guard case .finish = machine.answerEnded(holdsMore: holdsMore, at: context.eventLoop.now) else { return }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { self.linger(context) }
        tap.write(.byteBuffer(ByteBuffer()), promise: sent)
    }
}

extension DirectAnswer {
    fileprivate var isFile: Bool { if case .file = body { true } else { false } }
}
