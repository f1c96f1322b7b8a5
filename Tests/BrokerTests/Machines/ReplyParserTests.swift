import NIOCore
import Testing

@testable import Broker

@Suite struct `Reply parser` {
    static let wellFormed: [(String, [RedisReply])] = [
        ("+OK\r\n", [.status("OK")]),
        ("-ERR no\r\n", [.error("ERR no")]),
        (":-42\r\n", [.integer(-42)]),
        ("$5\r\na\r\nb:\r\n", [.bulk(Array("a\r\nb:".utf8))]),
        ("$0\r\n\r\n", [.bulk([])]),
        ("$-1\r\n", [.null]), ("*-1\r\n", [.null]), ("*0\r\n", [.array([])]),
        ("*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n+y\r\n", [.array([.integer(1), .array([.bulk([120]), .null]), .status("y")])]),
        ("+a\r\n:2\r\n*1\r\n$1\r\nc\r\n", [.status("a"), .integer(2), .array([.bulk([99])])]),
    ]

    @Test("understands every kind of reply, however the bytes come", arguments: wellFormed, [1, 3, 1000])
    func replies(_ line: (text: String, replies: [RedisReply]), _ step: Int) throws {
        #expect(try Self.parse(line.text, by: step) == line.replies)
    }

    @Test("refuses what is no reply or too much of one", arguments: [
        "HTTP/1.1 200 OK\r\n", "*1\r\n!x\r\n", "$-5\r\n", "*-2\r\n",
        // Deeper than anything that Redis answers.
        String(repeating: "*1\r\n", count: 9) + ":1\r\n",
        "$101\r\n" + String(repeating: "x", count: 101) + "\r\n",
        // A length, and no end in sight.
        "$1000000000\r\n" + String(repeating: "x", count: 200), "+" + String(repeating: "x", count: 200),
        "*1000000000\r\n", "*11\r\n", "*2\r\n*6\r\n" + String(repeating: ":1\r\n", count: 6) + "*6\r\n",
        // Each string is within the bound, all together are not.
        "*3\r\n" + String(repeating: "$40\r\n" + String(repeating: "x", count: 40) + "\r\n", count: 3),
    ])
    func refused(_ text: String) {
        for step in [1, 1000] {
            #expect(throws: RedisError.malformedReply) { try Self.parse(text, by: step) }
        }
    }

    @Test("bounds hold for each reply, not for all of them")
    func manyReplies() throws {
        let reply = "$90\r\n" + String(repeating: "x", count: 90) + "\r\n"
        #expect(try Self.parse(String(repeating: reply, count: 50), by: 64).count == 50)
    }

    private static func parse(_ text: String, by step: Int) throws -> [RedisReply] {
        let parser = try ReplyParser(limits: ReplyBuilder.Limits(bytes: 100, elements: 10))
        let bytes = Array(text.utf8)
        var replies: [RedisReply] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            try bytes[start..<min(start + step, bytes.count)].withUnsafeBytes(parser.feed)
            while let reply = try parser.next() { replies.append(reply) }
        }
        return replies
    }
}

@Suite struct `Redis command` {
    @Test("is an array of bulk strings with lengths in bytes")
    func encoding() {
        var buffer = ByteBuffer()
        let command = RedisCommand(["SET", .text("schlüssel"), .bytes(ByteBuffer(bytes: [0, 13, 10]))])
        command.write(into: &buffer)
        #expect(String(buffer: buffer) == "*3\r\n$3\r\nSET\r\n$10\r\nschlüssel\r\n$3\r\n\0\r\n\r\n")
        #expect(command.size >= buffer.readableBytes)
    }
}
