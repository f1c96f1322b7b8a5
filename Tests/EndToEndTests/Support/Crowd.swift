import NIOCore
import NIOPosix
import TestSupport

/// Very many clients of `/ws` on one thread.
final class Crowd: Sendable {
    /// How a client begins, and how it is.
    struct Manner: Sendable {
        /// What it says first.
        var opening: ByteBuffer
        /// Whether its first command is waited for.
        var joins = true
        /// Whether it goes on after the server has closed.
        var isStubborn = false
        /// Bytes that the system may take for it while it does not read; 0 leaves that to the system.
        var receiveBuffer = 0
        /// What stands before the number of a durable event.
        var mark: StaticString = #"{"number":"#
    }

    private let port: Int
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let members: NIOLoopBoundBox<[(member: CrowdMember, channel: any Channel)]>

    /// - Parameter port: of a server of this machine.
    init(port: Int) {
        self.port = port
        members = NIOLoopBoundBox.makeBoxSendingValue([], eventLoop: group.next())
    }

    private var eventLoop: any EventLoop { group.next() }

    // MARK: Coming and going

    /// Lets clients in.
    /// - Parameter rush: how many may be on their way in at a time.
    func come(_ manners: [Manner], rush: Int = 128) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, manner) in manners.enumerated() {
                if index >= rush { try await group.next() }
                group.addTask { try await self.come(manner) }
            }
            try await group.waitForAll()
        }
    }

    private func come(_ manner: Manner) async throws {
        let joined = eventLoop.makePromise(of: Void.self)
        // Who does not join may be closed before anybody looks.
        if !manner.joins { joined.succeed() }
        do { _ = try await bootstrap(manner, joined).connect(host: "127.0.0.1", port: port).get() } catch {
            joined.fail(error)
            throw error
        }
        try await joined.futureResult.get()
    }

    private func bootstrap(_ manner: Manner, _ joined: EventLoopPromise<Void>) -> ClientBootstrap {
        var bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(60)).channelInitializer { [members] channel in
            channel.eventLoop.makeCompletedFuture {
                let member = CrowdMember(manner.opening, isStubborn: manner.isStubborn, mark: manner.mark, joined: joined)
                try channel.pipeline.syncOperations.addHandler(member)
                members.value.append((member, channel))
            }
        }
        if manner.receiveBuffer > 0 { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(manner.receiveBuffer)) }
        return bootstrap
    }

    /// Cuts all connections, without a word.
    func cut() async throws {
        try await eventLoop.flatSubmit { [members, eventLoop] in
            defer { members.value = [] }
            return EventLoopFuture.andAllComplete(members.value.map { $0.channel.close() }, on: eventLoop)
        }.get()
    }

    /// The last of them goes; nothing can be asked afterwards.
    func leave() async throws {
        try await cut()
        try await group.shutdownGracefully()
    }

    // MARK: What they do

    /// Whether one of them reads what comes.
    func read(_ reads: Bool, _ index: Int) async throws {
        try await channel(index).setOption(.autoRead, value: reads).get()
    }

    /// Sends bytes for one of them, again and again until there were so many or the server has closed.
    /// - Returns: bytes that the system has taken.
    func pour(_ bytes: ByteBuffer, upTo total: Int, _ index: Int) async throws -> Int {
        let channel = try await channel(index)
        var sent = 0
        while sent < total {
            do { try await channel.writeAndFlush(bytes).get() } catch { break }
            sent += bytes.readableBytes
        }
        return sent
    }

    /// Each of them says something.
    func say(_ words: @escaping @Sendable (_ index: Int) throws -> ByteBuffer) async throws {
        try await eventLoop.submit { [members] in
            for (index, member) in members.value.enumerated() { member.channel.writeAndFlush(try words(index), promise: nil) }
        }.get()
    }

    private func channel(_ index: Int) async throws -> any Channel {
        try await eventLoop.submit { [members] in members.value[index].channel }.get()
    }

    // MARK: What they know

    /// Looks at all of them, in the order of their coming.
    func look<Value: Sendable>(_ look: @escaping @Sendable ([CrowdMember]) throws -> Value) async throws -> Value {
        try await eventLoop.submit { [members] in try look(members.value.map(\.member)) }.get()
    }

    /// Waits until that holds for all of them.
    func all(_ what: String, within limit: Duration = .seconds(30), _ holds: @escaping @Sendable (CrowdMember) -> Bool) async throws {
        try await eventually(what, within: limit, every: .milliseconds(10)) {
            try await look { $0.allSatisfy(holds) } ? () : nil
        }
    }
}
