import Core
import Testing

@Suite("Message framing") struct MessageFramingTests {
    @Test("a message comes back whole, whatever pieces it travels in", arguments: [1, 2, 3, 5, 1000])
    func pieces(size: Int) throws {
        let stream = try MessageFraming.frame(["first"]) + MessageFraming.frame(["second", "third"])
        var parser = MessageFraming.Parser()
        var messages: [[String]] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            parser.append(stream[start..<min(start + size, stream.count)])
            while let payload = try parser.next() { messages.append(try JSON.decode(from: payload)) }
        }
        #expect(messages == [["first"], ["second", "third"]])
    }

    @Test("the length is four bytes, big-endian")
    func header() throws { #expect(try MessageFraming.frame(["a"]) == [0, 0, 0, 5] + Array("[\"a\"]".utf8)) }

    @Test("a length over the bound is refused before its bytes arrive")
    func tooLong() {
        var parser = MessageFraming.Parser()
        parser.append([0, 0x10, 0, 1] as [UInt8])
        #expect(throws: MessageFraming.Failure.tooLong(1_048_577)) { try parser.next() }
    }

    @Test("a message over the bound is not framed")
    func tooLongToSend() {
        #expect(throws: MessageFraming.Failure.self) {
            try MessageFraming.frame([String(repeating: "x", count: MessageFraming.maximumLength)])
        }
    }

    @Test("an incomplete message waits")
    func incomplete() throws {
        var parser = MessageFraming.Parser()
        parser.append(try MessageFraming.frame(["abc"]).dropLast())
        #expect(try parser.next() == nil)
    }
}
