import TestSupport
import Testing

@Suite("WebSocket over real bytes: what ends a connection")
struct RefusalTests {
    /// Pieces, each of which is a write; the last is the one that is too much.
    struct Offence: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: Int
        var pieces: [[UInt8]]
        /// What is answered before the end.
        var answered: [WireFrame]

        init(_ testDescription: String, _ code: Int, _ frames: [WireFrame], answered: [WireFrame] = []) {
            self.init(testDescription, code, pieces: frames.map(\.bytes), answered: answered)
        }

        init(_ testDescription: String, _ code: Int, pieces: [[UInt8]], answered: [WireFrame] = []) {
            (self.testDescription, self.code, self.pieces, self.answered) = (testDescription, code, pieces, answered)
        }
    }

    static let reserved: [Offence] = (1...7).flatMap { bits in
        [WireFrame.text, 2, 8, 9, 10].map { opcode in
            Offence(
                "opcode \(opcode), reserved bits \(bits)", 1002, [.ping("first"), WireFrame(opcode: opcode, reserved: bits)],
                answered: [.pong("first")])
        }
    }

    static let opcodes: [Offence] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap { opcode in
        [
            Offence("opcode \(opcode)", 1002, [WireFrame(opcode: opcode)]),
            Offence("opcode \(opcode) after a message", 1002, [.text("x"), WireFrame(opcode: opcode, payload: [1])], answered: [.text("x")]),
            Offence("opcode \(opcode) inside a message", 1002, [.text("x", fin: false), WireFrame(opcode: opcode, fin: false)]),
        ]
    }

    static let frames: [Offence] = [
        Offence("a frame without a mask", 1002, pieces: [[0x81, 0x01, 0x61]]),
        Offence("a close without a mask", 1002, pieces: [[0x88, 0x00]]),
        Offence("a length of 125 in two bytes", 1002, pieces: [[0x81, 0xFE, 0x00, 0x7D, 0, 0, 0, 0]]),
        Offence("a length of 65535 in eight bytes", 1002, pieces: [[0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0]]),
        Offence("a length with its highest bit set", 1002, pieces: [[0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]]),
        Offence("the longest length", 1009, pieces: [[0x81, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0]]),
        Offence("a ping of 126 bytes", 1002, [WireFrame(opcode: 9, payload: [UInt8](repeating: 1, count: 126))]),
        Offence("a pong of 126 bytes", 1002, [WireFrame(opcode: 10, payload: [UInt8](repeating: 1, count: 126))]),
        Offence("a close of 126 bytes", 1002, [.close(1000, [UInt8](repeating: 0x61, count: 124))]),
        Offence("a ping in fragments", 1002, [WireFrame(opcode: 9, payload: [1], fin: false)]),
        Offence("a pong in fragments", 1002, [WireFrame(opcode: 10, payload: [1], fin: false)]),
        Offence("a close in fragments", 1002, [WireFrame(opcode: 8, fin: false)]),
        Offence("a continuation of nothing", 1002, [.more("x", fin: true)]),
        Offence("an unfinished continuation of nothing", 1002, [.more("x")]),
        Offence("a continuation of what is finished", 1002, [.text("x"), .more("y", fin: true)], answered: [.text("x")]),
        Offence("a text inside a message", 1002, [.text("x", fin: false), .text("y")]),
        Offence("a binary inside a message", 1002, [.text("x", fin: false), WireFrame(opcode: 2, fin: false)]),
    ]

    static let invalidTexts: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xC3, 0x28], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0x61, 0xC3],
        [0x61, 0xE2, 0x82], [0xF0, 0x9F, 0x8E],
    ]

    static let texts: [Offence] = invalidTexts.flatMap { bytes in
        [
            Offence("text \(bytes)", 1007, [WireFrame(opcode: 1, payload: Array("κόσμε".utf8) + bytes)]),
            Offence(
                "text \(bytes) in fragments", 1007,
                bytes.enumerated().map { WireFrame(opcode: $0 == 0 ? 1 : 0, payload: [$1], fin: $0 == bytes.count - 1) }),
            Offence("close reason \(bytes)", 1007, [.close(1000, bytes)]),
        ]
    }

    @Test("a broken rule ends the connection with its code", arguments: reserved + opcodes + frames + texts)
    func refused(offence: Offence) async throws {
        let client = try await WireClient.open()
        // The connection may be over before all is sent.
        for piece in offence.pieces { try? await client.send(piece) }
        let frames = try await client.closed()
        #expect(frames.dropLast() == offence.answered[...])
        #expect(frames.last?.opcode == WireFrame.close && frames.last?.payload.prefix(2) == WireFrame.close(offence.code).payload[...])
    }

    @Test("text that cannot be UTF-8 any more ends the connection before its fragment, its frame or its message does")
    func failsFast() async throws {
        let good: [UInt8] = Array("κόσμε".utf8)
        let whole = WireFrame(opcode: 1, payload: good + [0xF4, 0x90] + good + [0x80]).bytes
        let early: [[[UInt8]]] = [
            [WireFrame(opcode: 1, payload: good, fin: false).bytes, WireFrame(opcode: 0, payload: [0xF4, 0x90], fin: false).bytes],
            [WireFrame(opcode: 1, payload: good + [0xF4], fin: false).bytes, WireFrame(opcode: 0, payload: [0x90], fin: false).bytes],
            [Array(whole.prefix(6 + good.count)), Array(whole.dropFirst(6 + good.count).prefix(2))],
            whole.prefix(6 + good.count + 2).map { [$0] },
        ]
        for pieces in early {
            let client = try await WireClient.open()
            for piece in pieces { try? await client.send(piece) }
            #expect(try await client.closed().map { Array($0.payload.prefix(2)) } == [[0x03, 0xEF]])
        }
    }

    // MARK: Closing

    @Test(
        "a close is answered with its code, and the server ends the connection",
        arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    func codes(code: Int) async throws {
        let client = try await WireClient.open()
        try await client.send([.close(code, Array("why ✓".utf8))])
        #expect(try await client.closed() == [.close(code)])
    }

    @Test(
        "a code that may not be sent is a broken rule",
        arguments: [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    func badCodes(code: Int) async throws {
        let client = try await WireClient.open()
        try await client.send([.close(code, Array("why".utf8))])
        #expect(try await client.closed().map { Array($0.payload.prefix(2)) } == [[0x03, 0xEA]])
    }

    @Test("a close may be empty or as long as a control frame, and not one byte")
    func lengths() async throws {
        for (payload, answer) in [
            ([], []), ([0x03], [0x03, 0xEA]), ([0x03, 0xE8] + [UInt8](repeating: 0x61, count: 123), [0x03, 0xE8]),
        ] as [([UInt8], [UInt8])] {
            let client = try await WireClient.open()
            try await client.send([WireFrame(opcode: 8, payload: payload)])
            #expect(try await client.closed().map { Array($0.payload.prefix(2)) } == [answer])
        }
    }

    @Test("what follows a close is ignored: a close, a ping, a message, anything")
    func afterClose() async throws {
        for late in [WireFrame.close(1001).bytes, WireFrame.ping("x").bytes, WireFrame.text("x").bytes, [0xFF, 0xFF, 0xFF]] {
            let client = try await WireClient.open()
            try await client.send(WireFrame.text("in time", fin: false).bytes + WireFrame.close(1000).bytes + late)
            #expect(try await client.closed() == [.close(1000)])
        }
    }
}
