import Core
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

// Handing the connection over to another protocol.
extension ConnectionGate {
    func askUpgrader(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard let upgrader else { return }
        machine.decisionBegan(head, at: context.eventLoop.now)
        let address = ClientAddress.text(
            peer: context.channel.remoteAddress, forwardedFor: head.headers["x-forwarded-for"].last,
            isTrusted: configuration.trustedProxies.contains(context.channel.remoteAddress))
        let here = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        decision = Task {
            let decision = await upgrader.decide(on: head, remoteAddress: address)
            loop.execute { here.value.gate.decided(decision, on: head, here.value.context) }
        }
    }

    private func decided(_ decision: UpgradeDecision, on head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // The connection may have closed, or answered that it took too long.
        guard case .deciding = machine.state else { return }
        switch decision {
        case .ignore: forwardIgnored(context)
        case .refuse(let problem):
            machine.state = .finishing
            refuse(problem, context)
        case .accept(let headers, let install): switchProtocols(head, headers, install, context)
        }
        schedule(context)
    }

    private func switchProtocols(
        _ head: HTTPRequestHead, _ headers: HTTPHeaders, _ install: @escaping @Sendable (any Channel, Bool) throws -> Void,
        _ context: ChannelHandlerContext
    ) {
        guard let codec else { return }
        machine.release()
        var headers = headers
        if !headers.contains(name: "connection") { headers.add(name: "Connection", value: "Upgrade") }
        if !headers.contains(name: "upgrade"), let name = head.headers.first(name: "upgrade") {
            headers.add(name: "Upgrade", value: name)
        }
        let answer = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
        codec.remove(from: context.pipeline.syncOperations).assumeIsolated().whenComplete { result in
            do {
                try result.get()
                try self.handOver(context, early: codec.leftovers, install)
            } catch {
                self.logger.debug("upgrade failed", metadata: ["error": "\(error)"])
                context.close(promise: nil)
            }
        }
    }

    /// Takes the gate out and lets the new handlers in.
    private func handOver(
        _ context: ChannelHandlerContext, early: ByteBuffer, _ install: @Sendable (any Channel, Bool) throws -> Void
    ) throws {
        // The client may be gone since.
        guard self.context != nil else { return }
        let channel = context.channel
        let pipeline = context.pipeline.syncOperations
        let entry = try UpgradeBypass.install(after: self, in: pipeline)
        pipeline.removeHandler(self, promise: nil)
        let isSecure = (try? pipeline.context(handlerType: NIOSSLServerHandler.self)) != nil
        try install(channel, isSecure)
        try pipeline.addHandler(UpgradedTail(), position: .last)
        if early.readableBytes > 0 {
            entry.pass(early)
        }
        channel.read()
    }
}
