import Foundation
import TestSupport
import Testing

@Suite("WebSocket over real bytes: messages")
struct EchoTests {
    static let lengths = [0, 1, 125, 126, 127, 128, 65_535, 65_536]

    @Test("texts and binaries of every form of length come back", arguments: lengths, [WireFrame.text, WireFrame.binary])
    func whole(length: Int, opcode: Int) async throws {
        let client = try await WireClient.open()
        let frame = WireFrame(opcode: opcode, payload: [UInt8](repeating: opcode == WireFrame.text ? 0x2A : 0xFE, count: length))
        try await client.send([frame, frame])
        #expect(try await client.frames(2) == [frame, frame])
        try await Self.end(client)
    }

    @Test("it does not matter how bytes are cut", arguments: [1, 2, 997])
    func pieces(size: Int) async throws {
        let client = try await WireClient.open()
        let frame = WireFrame.text(String(repeating: "ein Stück — ", count: 20))
        let ping = WireFrame.ping("between")
        try await client.send([frame, ping, frame].flatMap(\.bytes), inPiecesOf: size)
        #expect(try await client.frames(3) == [frame, .pong("between"), frame])
        try await Self.end(client)
    }

    /// What is sent in one write, and what comes back.
    struct Exchange: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sent: [WireFrame]
        var answered: [WireFrame]

        init(_ testDescription: String, _ sent: [WireFrame], _ answered: [WireFrame]) {
            (self.testDescription, self.sent, self.answered) = (testDescription, sent, answered)
        }
    }

    static let full = String(repeating: "p", count: 125)
    static let exchanges: [Exchange] = [
        Exchange("a ping", [.ping("")], [.pong("")]),
        Exchange(
            "a ping with bytes that are no text", [WireFrame(opcode: 9, payload: [0, 0xFF, 0xFE])],
            [WireFrame(opcode: 10, payload: [0, 0xFF, 0xFE])]),
        Exchange("the longest ping", [.ping(full)], [.pong(full)]),
        Exchange("ten pings", (0..<10).map { .ping("\($0)") }, (0..<10).map { .pong("\($0)") }),
        Exchange("a pong nobody asked for", [.pong(""), .pong("x"), .ping("y")], [.pong("y")]),
        Exchange("two fragments", [.text("one", fin: false), .more("two", fin: true)], [.text("onetwo")]),
        Exchange(
            "empty fragments", [.text("", fin: false), .more(""), .more("x"), .more("", fin: true)], [.text("x")]),
        Exchange("three empty fragments", [.text("", fin: false), .more(""), .more("", fin: true)], [.text("")]),
        Exchange(
            "pings between fragments come back before the message",
            [.text("a", fin: false), .ping("1"), .more("b"), .ping("2"), .more("c", fin: true)],
            [.pong("1"), .pong("2"), .text("abc")]),
        Exchange(
            "a character cut in two", [
                WireFrame(opcode: 1, payload: [0xCE], fin: false), .ping(""), WireFrame(opcode: 0, payload: [0xBA]),
            ], [.pong(""), .text("κ")]),
        Exchange(
            "a binary message need not be text",
            [WireFrame(opcode: 2, payload: [0xFF], fin: false), WireFrame(opcode: 0, payload: [0xC0])],
            [WireFrame(opcode: 2, payload: [0xFF, 0xC0])]),
        Exchange(
            "every character there is room for", [.text("\u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{FFFE}\u{D7FF}\u{E000}")],
            [.text("\u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{FFFE}\u{D7FF}\u{E000}")]),
    ]

    @Test("what is allowed is answered", arguments: exchanges)
    func allowed(exchange: Exchange) async throws {
        for size in [Int.max, 1] {
            let client = try await WireClient.open()
            try await client.send(exchange.sent.flatMap(\.bytes), inPiecesOf: size)
            #expect(try await client.frames(exchange.answered.count) == exchange.answered)
            try await Self.end(client)
        }
    }

    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] == "1"

    @Test("a message of many fragments comes back whole", arguments: [64, 1300, 65_536])
    func large(fragment: Int) async throws {
        let count = Self.isSoak ? 16 << 20 : 200_000
        let client = try await WireClient.open()
        let payload = [UInt8](repeating: 0x61, count: count)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: count, by: fragment) {
            let end = min(count, start + fragment)
            bytes += WireFrame(opcode: start == 0 ? 2 : 0, payload: Array(payload[start..<end]), fin: end == count).bytes
        }
        try await client.send(bytes, inPiecesOf: 1 << 16)
        try await client.bytes(count + (count > 65_535 ? 10 : 4))
        #expect(try await client.frames(1) == [WireFrame(opcode: 2, payload: payload)])
        try await Self.end(client)
    }

    @Test("over 16 MiB a message is refused at its header, or at the fragment that is too much")
    func tooLarge() async throws {
        let client = try await WireClient.open()
        try await client.send([0x82, 0xFF, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0])
        #expect(try await client.closed().map { Array($0.payload.prefix(2)) } == [[0x03, 0xF1]])
        let other = try await WireClient.open()
        try await other.send([0x02, 0x81, 0, 0, 0, 0, 7, 0x80, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(try await other.closed().map { Array($0.payload.prefix(2)) } == [[0x03, 0xF1]])
    }

    /// Closes as one should, and sees that the server does.
    static func end(_ client: WireClient) async throws {
        try await client.send([.close(1000)])
        #expect(try await client.closed().last == .close(1000))
    }
}
