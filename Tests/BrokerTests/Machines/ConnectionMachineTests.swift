import NIOCore
import NIOEmbedded
import Testing

@testable import Broker

@Suite struct `Subscription machine` {
    @Test("listens once every channel is confirmed, and then hands on messages")
    func listening() {
        var machine = SubscriptionMachine(channels: ["a", "b"])
        #expect(machine.received(confirmation("a")) == .nothing)
        #expect(machine.received(message("a", "x")) == .message(channel: "a", payload: [120]))
        #expect(machine.received(confirmation("b")) == .listening)
        #expect(machine.received(.array([.bulk(Array("pong".utf8)), .bulk([])])) == .nothing)
    }

    @Test("anything else ends the connection", arguments: [
        RedisReply.status("OK"), .error("ERR"), .null, .array([]), .array([.integer(1)]),
        .array([.bulk(Array("message".utf8)), .bulk([97])]),
        .array([.bulk(Array("message".utf8)), .bulk([97]), .integer(1)]),
        .array([.bulk(Array("subscribe".utf8)), .bulk(Array("other".utf8)), .integer(1)]),
    ])
    func stray(_ reply: RedisReply) {
        var machine = SubscriptionMachine(channels: ["a"])
        #expect(machine.received(reply) == .close)
    }

    @Test("a beat without a word is the end")
    func silence() {
        var machine = SubscriptionMachine(channels: ["a"])
        #expect(machine.isAlive() == true)
        _ = machine.received(confirmation("a"))
        #expect(machine.isAlive() == true)
        #expect(machine.isAlive() == false)
    }

    private func confirmation(_ channel: String) -> RedisReply {
        .array([.bulk(Array("subscribe".utf8)), .bulk(Array(channel.utf8)), .integer(1)])
    }

    private func message(_ channel: String, _ payload: String) -> RedisReply {
        .array([.bulk(Array("message".utf8)), .bulk(Array(channel.utf8)), .bulk(Array(payload.utf8))])
    }
}

@Suite struct `Redis channel` {
    @Test("what is written in one turn leaves in one flush; replies find their commands")
    func pipelining() throws {
        let (channel, replies) = try make(commands: 3)
        channel.embeddedEventLoop.run()
        var sent = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { sent.writeBuffer(&part) }
        #expect(String(buffer: sent) == String(repeating: "*1\r\n$4\r\nPING\r\n", count: 3))
        try channel.writeInbound(ByteBuffer(string: "+1\r\n-ERR 2\r\n"))
        try channel.writeInbound(ByteBuffer(string: ":3\r\n"))
        #expect(try replies.map { try $0.wait() } == [.status("1"), .error("ERR 2"), .integer(3)])
        _ = try channel.finish()
    }

    @Test("a reply nobody asked for is the end")
    func stray() throws {
        let (channel, replies) = try make(commands: 1)
        try channel.writeInbound(ByteBuffer(string: "+1\r\n+2\r\n"))
        #expect(try replies[0].wait() == .status("1"))
        #expect(!channel.isActive)
    }

    @Test("after what is no reply everybody who waits is told, and nothing more is taken")
    func malformed() throws {
        let (channel, replies) = try make(commands: 2)
        try channel.writeInbound(ByteBuffer(string: "+1\r\nnonsense"))
        #expect(try replies[0].wait() == .status("1"))
        #expect(throws: RedisError.malformedReply) { try replies[1].wait() }
        #expect(!channel.isActive)
    }

    @Test("the end of the connection is told to everybody who waits")
    func disconnected() throws {
        let (channel, replies) = try make(commands: 2)
        channel.close(promise: nil)
        channel.embeddedEventLoop.run()
        for reply in replies { #expect(throws: RedisError.disconnected) { try reply.wait() } }
    }

    @Test("each reply has its time; the first that is late ends the connection")
    func timeout() throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(handler())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let first = send(on: channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        let second = send(on: channel)
        try channel.writeInbound(ByteBuffer(string: "+1\r\n"))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1500))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(600))
        #expect(try first.wait() == .status("1"))
        #expect(throws: RedisError.timedOut) { try second.wait() }
        #expect(!channel.isActive)
    }

    private func make(commands: Int) throws -> (EmbeddedChannel, [EventLoopFuture<RedisReply>]) {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(handler())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, (0..<commands).map { _ in send(on: channel) })
    }

    private func handler() throws -> RedisChannelHandler {
        try RedisChannelHandler(limits: ReplyBuilder.Limits(), timeout: .seconds(2), takesMessages: false)
    }

    private func send(on channel: EmbeddedChannel) -> EventLoopFuture<RedisReply> {
        let promise = channel.eventLoop.makePromise(of: RedisReply.self)
        channel.write(RedisRequest(command: RedisCommand("PING"), promise: promise), promise: nil)
        return promise.futureResult
    }
}

@Suite struct `Connection bounds` {
    @Test("what can be left out has three quarters of the room, what cannot has all")
    func budget() {
        var budget = CommandBudget(commands: 8, bytes: 1000)
        var (optional, urgent) = (0, 0)
        while budget.take(1, isUrgent: false) { optional += 1 }
        while budget.take(1, isUrgent: true) { urgent += 1 }
        #expect(optional == 6 && urgent == 2)
        budget.giveBack(1)
        let (tooMuch, justEnough) = (budget.take(994, isUrgent: true), budget.take(993, isUrgent: true))
        #expect(!tooMuch && justEnough)
        #expect(budget.commandsInUse == 8 && budget.bytesInUse == 1000)
    }

    @Test("attempts come further and further apart, up to two seconds, never quite together")
    func backoff() {
        var (early, late) = (Backoff(), Backoff())
        let shortest = (0..<10).map { _ in early.next(0) }
        let longest = (0..<10).map { _ in late.next(1) }
        #expect(shortest.prefix(3) == [.milliseconds(25), .milliseconds(50), .milliseconds(100)])
        #expect(longest.prefix(3) == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
        #expect(shortest.last == .seconds(1) && longest.last == .seconds(2))
        late.reset()
        #expect(late.next(1) == .milliseconds(50))
    }
}
