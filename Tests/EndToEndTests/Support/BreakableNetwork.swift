import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Stands between clients and a server: it takes its time, and can be taken away.
final class BreakableNetwork: Sendable {
    private struct State {
        var isUp = true
        /// Whether what comes of films stays here.
        var isHoldingFilms = false
        /// What has stayed here, to be sent on.
        var held: [@Sendable () -> Void] = []
        /// Connections of clients; each has one to the server, which ends with it.
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    private let state: NIOLockedValueBox<State>
    private let listener: any Channel

    private init(_ state: NIOLockedValueBox<State>, _ listener: any Channel) { (self.state, self.listener) = (state, listener) }

    /// - Parameters:
    ///   - port: of a server of this machine.
    ///   - delay: milliseconds that whatever comes is under way, each time others; what was sent first comes first.
    static func open(to port: Int, delay: ClosedRange<Int64> = 0...0) async throws -> BreakableNetwork {
        let state = NIOLockedValueBox(State())
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in connect(client, to: port, delay, state) }
            .bind(host: "127.0.0.1", port: 0).get()
        return BreakableNetwork(state, listener)
    }

    /// Where clients come to.
    var port: Int { listener.localAddress?.port ?? 0 }

    /// Cuts what is connected, and lets nobody through from here on.
    func cut() {
        let connections = state.withLockedValue { state in
            state.isUp = false
            return Array(state.connections.values)
        }
        for connection in connections { connection.close(promise: nil) }
    }

    /// Lets clients through again.
    func mend() { state.withLockedValue { $0.isUp = true } }

    /// Lets nothing of any film come through from here on, or all that has been kept back.
    func holdFilms(_ holds: Bool) {
        let held = state.withLockedValue { state in
            state.isHoldingFilms = holds
            defer { if !holds { state.held = [] } }
            return holds ? [] : state.held
        }
        for send in held { send() }
    }

    func close() async throws {
        cut()
        try await listener.close()
    }

    private static func connect(
        _ client: any Channel, to port: Int, _ delay: ClosedRange<Int64>, _ state: NIOLockedValueBox<State>
    ) -> EventLoopFuture<Void> {
        let isUp = state.withLockedValue { state in
            if state.isUp { state.connections[ObjectIdentifier(client)] = client }
            return state.isUp
        }
        guard isUp else { return client.close() }
        client.closeFuture.whenComplete { _ in state.withLockedValue { $0.connections[ObjectIdentifier(client)] = nil } }
        return ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: port).flatMapThrowing { server in
            let requests = Requests()
            try server.pipeline.syncOperations.addHandler(Relay(to: client, delay, holds: { send in
                let isOfFilm = requests.isOfFilm
                return state.withLockedValue { state in
                    guard state.isHoldingFilms, isOfFilm else { return false }
                    state.held.append(send)
                    return true
                }
            }))
            try client.pipeline.syncOperations.addHandler(Relay(to: server, delay, isSeen: requests.see))
        }
    }

    /// What was asked for last over a connection.
    private final class Requests {
        private(set) var isOfFilm = false

        func see(_ bytes: ByteBuffer) {
            let beginning = String(decoding: bytes.readableBytesView.prefix(12), as: UTF8.self)
            if beginning.hasPrefix("GET ") { isOfFilm = beginning.hasPrefix("GET /media/") }
        }
    }

    /// Passes on what comes, and the end.
    private final class Relay: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let delay: ClosedRange<Int64>
        /// When the last of it arrives.
        private var last = NIODeadline.now()

        private let isSeen: (ByteBuffer) -> Void
        private let holds: (@escaping @Sendable () -> Void) -> Bool

        /// - Parameters:
        ///   - isSeen: is shown what comes.
        ///   - holds: whether it keeps what would be sent, and how.
        init(
            to other: any Channel, _ delay: ClosedRange<Int64>, isSeen: @escaping (ByteBuffer) -> Void = { _ in },
            holds: @escaping (@escaping @Sendable () -> Void) -> Bool = { _ in false }
        ) {
            (self.other, self.delay, self.isSeen, self.holds) = (other, delay, isSeen, holds)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let (other, bytes) = (other, Self.unwrapInboundIn(data))
            isSeen(bytes)
            if holds({ other.writeAndFlush(bytes, promise: nil) }) { return }
            guard delay.upperBound > 0 else { return other.writeAndFlush(bytes, promise: nil) }
            last = max(last, .now() + .milliseconds(Int64.random(in: delay)))
            context.eventLoop.scheduleTask(deadline: last) { other.writeAndFlush(bytes, promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
