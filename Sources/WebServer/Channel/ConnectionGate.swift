import Core
import Logging
import NIOCore
import NIOHTTP1

/// Stands between the HTTP/1 codec and the routes and keeps the connection's manners: time-outs, early answers,
/// `100 Continue`, pipelining, upgrades, draining. What to do is `ConnectionMachine`'s decision; here it is done.
final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What waits until the answer before it is complete.
    enum Held {
        case part(HTTPServerRequestPart)
        case malformed(Problem)
    }

    var machine: ConnectionMachine
    let configuration: HTTPServerChannel.Configuration
    let upgrader: (any ConnectionUpgrader)?
    let logger: Logger
    /// Whether the connection is counted elsewhere.
    private let isCounted: Bool
    /// The handlers below, which an upgrade takes out.
    var codec: HTTPCodec?
    var decision: Task<Void, Never>?
    /// Bounded by one read from the socket: nothing more is read while something is held.
    var held = CircularBuffer<Held>()
    var heldRead = false
    var bytesWritten = 0
    /// Bytes that wait for the client to take them; `nil` asks the socket.
    var pending: (() -> Int)?
    /// The file that is being sent.
    var transfer: FileTransfer?
    var requestIDs: RequestID.Source?
    /// Whether all that was given to the decoder is decoded.
    private(set) var isDecoderIdle = true
    private var endsBlank = true
    var timer: (deadline: NIODeadline, task: Scheduled<Void>)?
    private var heldInputClosed = false
    /// Is told if the client goes away before the open request has been answered.
    var departure: DepartureWatch?
    private(set) var hasLookedForProxy = false
    private(set) lazy var isFromProxy = configuration.trustedProxies.contains(context?.channel.remoteAddress)
    private(set) var context: ChannelHandlerContext?

    init(
        _ configuration: HTTPServerChannel.Configuration, upgrader: (any ConnectionUpgrader)?, isCounted: Bool = false,
        logger: Logger, at now: NIODeadline
    ) {
        self.configuration = configuration
        self.upgrader = upgrader
        self.isCounted = isCounted
        self.logger = logger
        self.machine = ConnectionMachine(limits: configuration.limits, canUpgrade: upgrader != nil, at: now)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        codec = nil
        pending = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        guard !isCounted, let addresses = configuration.addresses else { return }
        let peer = context.channel.remoteAddress
        if addresses.enter(peer) {
            // Not when this handler goes: a connection that is upgraded is one still.
            context.channel.closeFuture.whenComplete { _ in addresses.leave(peer) }
        } else {
            machine.state = .finishing
            addresses.warnOfProxy(peer, logger)
            refuse(.tooManyConnections, context)
        }
    }

    /// Proxies pass on all they send: the first request of a connection tells.
    private func lookForProxy(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        guard !hasLookedForProxy, case .head(let head) = part else { return }
        hasLookedForProxy = true
        if ["x-forwarded-for", "forwarded"].contains(where: head.headers.contains(name:)) {
            configuration.addresses?.noteForwarding(context.channel.remoteAddress)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        machine.release()
        timer?.task.cancel()
        timer = nil
        decision?.cancel()
        held.removeAll()
        transfer = nil
        context = nil
        departure.take()?.tell()
    }

    /// Whether the client has closed its half of the connection. The end of a stream's input is only the end of its request.
    var hasLeft: Bool { machine.isInputClosed && codec != nil }

    // MARK: Bytes, told by the tap

    func shouldDecode(_ bytes: ByteBuffer) -> Bool {
        guard let context else { return true }
        switch machine.arrived(bytes.readableBytes, at: context.eventLoop.now) {
        case .decode:
            isDecoderIdle = false
            endsBlank = bytes.readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8)
            return true
        case .discard: return false
        case .refuse(let problem):
            refuse(problem, context)
            return false
        case .cut(let reason):
            cut(reason, context)
            return false
        }
    }

    func willWrite(_ count: Int) { bytesWritten += count }

    /// Whether an answer is on its way that no route has given.
    private var answersAlone: Bool {
        if case .direct? = transfer?.purpose { return true }
        switch machine.state {
        case .finishing, .lingering: return true
        case .awaitingHead, .exchanging, .deciding, .released: return false
        }
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        noteDecoded(part)
        lookForProxy(part, context)
        if !held.isEmpty || !perform(machine.received(part), context) { held.append(.part(part)) }
    }

    /// After the end of a request, and a piece that ends with an empty line, nothing can be left in the decoder: whatever
    /// followed the request would have become a head at that line.
    private func noteDecoded(_ part: HTTPServerRequestPart) {
        if case .end = part { isDecoderIdle = endsBlank } else { isDecoderIdle = false }
    }

    /// Returns false for what has to be held.
    private func perform(_ action: ConnectionMachine.PartAction, _ context: ChannelHandlerContext) -> Bool {
        switch action {
        case .forward(let part): context.fireChannelRead(wrapInboundOut(part))
        case .hold: return false
        case .drop: break
        case .refuse(let problem): refuse(problem, context)
        case .askUpgrader(let head): askUpgrader(head, context)
        }
        return true
    }

    /// Goes on with what a client has pipelined.
    func takeHeld(_ context: ChannelHandlerContext) {
        if !held.isEmpty { takeAllHeld(context) }
        if held.isEmpty && heldInputClosed {
            heldInputClosed = false
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        guard heldRead else { return }
        heldRead = false
        read(context: context)
    }

    private func takeAllHeld(_ context: ChannelHandlerContext) {
        while let item = held.popFirst() {
            if case .part(let part) = item, perform(machine.received(part), context) { continue }
            if case .malformed(let problem) = item {
                malformed(problem, HTTPParserError.unknown, context)
            } else {
                held.prepend(item)
            }
            break
        }
        context.fireChannelReadComplete()
    }

    /// The upgrader does not want the request: the routes get it.
    func forwardIgnored(_ context: ChannelHandlerContext) {
        _ = perform(machine.upgradeIgnored(), context)
        takeHeld(context)
    }

    func noteDirectRequest() { hasLookedForProxy = true }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if machine.mayDrain { context.read() }
        schedule(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        let problem: Problem =
            error == .headerOverflow ? .headTooLarge : .badRequest("bad_request", "The request is not valid HTTP/1.1.")
        if held.isEmpty { malformed(problem, error, context) } else { held.append(.malformed(problem)) }
        schedule(context)
    }

    private func malformed(_ problem: Problem, _ error: any Error, _ context: ChannelHandlerContext) {
        switch machine.malformed(problem) {
        case .tellRoute: context.fireErrorCaught(error)
        case .hold: held.append(.malformed(problem))
        case .refuse(let problem): refuse(problem, context)
        case .close: context.close(promise: nil)
        case .ignore: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            if machine.quiesce() { closeOnceSent(context) }
            // An answer that would never end by itself has to hear of it.
            if case .exchanging = machine.state { context.fireUserInboundEventTriggered(event) }
        case ChannelEvent.inputClosed:
            if machine.inputClosed() { closeOnceSent(context) }
            if hasLeft { departure.take()?.tell() }
            // The routes know nothing of what is answered without them, and would close.
            if held.isEmpty && !answersAlone { context.fireUserInboundEventTriggered(event) } else { heldInputClosed = true }
        default: context.fireUserInboundEventTriggered(event)
        }
        schedule(context)
    }
}

@available(*, unavailable)
extension ConnectionGate: Sendable {}
