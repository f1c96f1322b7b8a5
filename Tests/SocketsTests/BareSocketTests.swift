import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Sockets

@Suite("Frames that go to the socket itself")
struct BareSocketTests {
    @Test("a reader that comes late gets everything in order, whichever way each frame took")
    func order() async throws {
        let pair = try await SocketPair()
        for number in 0..<1500 { try await pair.say(number) }
        async let heard = pair.hear(3000)
        for number in 1500..<3000 { try await pair.say(number) }
        let numbers = try await heard.map { try #require(Int(String(decoding: $0.payload.prefix { $0 != 0x20 }, as: UTF8.self))) }
        #expect(numbers == Array(0..<3000))
        try await pair.end()
    }

    @Test("what others wrote before is not overtaken")
    func before() async throws {
        let early = WebSocketFrames.binary(ByteBuffer(repeating: 1, count: 4 << 20))
        let pair = try await SocketPair(early: early)
        for number in 0..<10 { try await pair.say(number) }
        let heard = try await pair.hear(11)
        #expect(heard[0].payload.count == 4 << 20)
        #expect(heard.dropFirst().map(\.payload.first) == (0..<10).map { UInt8(ascii: "0") + $0 })
        try await pair.end()
    }

    @Test("a frame that waits for the end of its turn when the connection ends does not go to whoever has the descriptor next")
    func descriptorReuse() async throws {
        let pair = try await SocketPair()
        let (next, other) = try await pair.endInMidTurn()
        // The descriptor has a new owner, unless another thread was quicker.
        let turn = pair.channel.eventLoop.submit {}
        try await turn.get()
        var byte: UInt8 = 0
        #expect(recv(other, &byte, 1, CInt(MSG_DONTWAIT)) == -1 && errno == EAGAIN)
        close(next)
        close(other)
        close(pair.client)
    }
}

/// A WebSocket over a real socket, and the descriptor of the client's end.
private struct SocketPair {
    let channel: any Channel
    let client: CInt
    let connection: WebSocketConnection

    /// - Parameter early: is on its way before there is a WebSocket.
    init(early: ByteBuffer? = nil) async throws {
        let (server, client) = try Self.descriptors()
        self.client = client
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).withConnectedSocket(server).get()
        self.channel = channel
        let opened = channel.eventLoop.makePromise(of: WebSocketConnection.self)
        try await channel.eventLoop.submit {
            if let early { channel.writeAndFlush(early, promise: nil) }
            var configuration = WebSocketConfiguration()
            configuration.maxQueuedBytes = 64 << 20
            try WebSocketPipeline.install(
                on: channel, configuration: configuration, isNextToSocket: true, delegate: Opening(opened: opened))
        }.get()
        connection = try await opened.futureResult.get()
    }

    static func descriptors() throws -> (CInt, CInt) {
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        return (pair[0], pair[1])
    }

    /// In one of three ways, each in a turn of its own.
    func say(_ number: Int) async throws {
        let text = ByteBuffer(string: "\(number) " + String(repeating: "x", count: number * 7919 % 2000))
        try await channel.eventLoop.submit {
            guard number % 3 == 0, connection.write(PreparedRun([.text(text)])) else { return connection.send(text: text) }
            connection.flush()
        }.get()
    }

    /// Reads until so many frames are there.
    func hear(_ count: Int) async throws -> [ServerFrame] {
        let client = client
        return try await NIOThreadPool.singleton.runIfActive {
            var bytes = ByteBuffer()
            while true {
                if let frames = ServerFrame.parse(bytes), frames.count >= count { return frames }
                var readable = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
                try #require(poll(&readable, 1, 10_000) == 1)
                let read = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 20) { recv(client, $0.baseAddress, $0.count, 0) }
                try #require(read > 0)
            }
        }
    }

    /// - Returns: the two ends of a pair that was opened in the turn in which something was said and the connection ended.
    func endInMidTurn() async throws -> (CInt, CInt) {
        try await channel.eventLoop.submit {
            connection.send(text: ByteBuffer(string: "to nobody"))
            channel.close(promise: nil)
            return try Self.descriptors()
        }.get()
    }

    func end() async throws {
        try await channel.close()
        close(client)
    }
}

private final class Opening: WebSocketConnectionDelegate {
    private let opened: EventLoopPromise<WebSocketConnection>

    init(opened: EventLoopPromise<WebSocketConnection>) { self.opened = opened }

    func opened(_ connection: WebSocketConnection) { opened.succeed(connection) }
    func received(text: ByteBuffer, on connection: WebSocketConnection) {}
    func closed(_ connection: WebSocketConnection, code: WebSocketCloseCode) {}
}
