import NIOCore
import Testing

@testable import Sockets

@Suite("Packets of Socket.IO")
struct SocketCodecTests {
    static func json(_ text: String) -> JSONText { JSONText(trusted: ByteBuffer(string: text)) }

    static func decode(
        _ text: String, _ attachments: [[UInt8]] = [], configuration: SocketConfiguration = SocketConfiguration()
    ) -> Result<SocketInbound?, SocketViolation> {
        var decoder = SocketDecoder(configuration: configuration)
        do throws(SocketViolation) {
            var packet = try decoder.receive(text: ByteBuffer(string: text))
            for attachment in attachments { packet = try decoder.receive(binary: ByteBuffer(bytes: attachment)) }
            return .success(packet)
        } catch { return .failure(error) }
    }

    static func event(
        _ name: String, _ arguments: [String], _ namespace: String = "/", id: UInt64? = nil, attachments: [[UInt8]] = []
    ) -> SocketInbound {
        .event(
            SocketEvent(
                namespace: namespace, name: name, arguments: arguments.map(json), attachments: attachments.map(ByteBuffer.init(bytes:)),
                ackID: id))
    }

    @Test(
        "packets of every kind",
        arguments: [
            ("0", [], .connect(namespace: "/", auth: nil)),
            (#"0{"token":"123"}"#, [], .connect(namespace: "/", auth: json(#"{"token":"123"}"#))),
            ("0/custom", [], .connect(namespace: "/custom", auth: nil)),
            ("0/custom,", [], .connect(namespace: "/custom", auth: nil)),
            (#"0/custom,{"a":[]}"#, [], .connect(namespace: "/custom", auth: json(#"{"a":[]}"#))),
            ("1", [], .disconnect(namespace: "/")), ("1/custom,", [], .disconnect(namespace: "/custom")),
            (#"2["message",1,"2",{"3":[true]}]"#, [], event("message", ["1", #""2""#, #"{"3":[true]}"#])),
            (#"2/custom,456["a"]"#, [], event("a", [], "/custom", id: 456)),
            (#"2 [ "a" , null ] "#, [], event("a", ["null"])),
            (#"20["a"]"#, [], event("a", [], id: 0)), (#"29007199254740991["a"]"#, [], event("a", [], id: 1 << 53 - 1)),
            ("2[5]", [], event("5", [])), (#"2["\u0061\n"]"#, [], event("a\n", [])),
            (#"2["a",{"_placeholder":true,"num":0}]"#, [], event("a", [#"{"_placeholder":true,"num":0}"#])),
            ("37[]", [], .acknowledgement(namespace: "/", id: 7, SocketAcknowledgement(arguments: []))),
            (
                #"3/custom,7["a",1]"#, [],
                .acknowledgement(namespace: "/custom", id: 7, SocketAcknowledgement(arguments: [json(#""a""#), json("1")]))
            ),
            (
                #"52-["m",{"_placeholder":true,"num":1},[{"num":0,"_placeholder":true}]]"#, [[1, 2], []],
                event("m", [#"{"_placeholder":true,"num":1}"#, #"[{"num":0,"_placeholder":true}]"#], attachments: [[1, 2], []])
            ),
            (#"50-["m"]"#, [], event("m", [])),
            (#"51-/custom,8["m",{"_placeholder":true,"num":0}]"#, [], nil),
            (
                #"61-8[{"_placeholder":true,"num":0}]"#, [[3]],
                .acknowledgement(
                    namespace: "/", id: 8,
                    SocketAcknowledgement(
                        arguments: [json(#"{"_placeholder":true,"num":0}"#)], attachments: [ByteBuffer(bytes: [3])]))
            ),
        ] as [(String, [[UInt8]], SocketInbound?)])
    func valid(text: String, attachments: [[UInt8]], expected: SocketInbound?) {
        #expect(Self.decode(text, attachments) == .success(expected))
    }

    @Test(
        "what breaks the protocol",
        arguments: [
            ("", []), ("abc", []), ("7", []), ("0[]", []), ("0{", []), ("01", []), ("0null", []), (#"0"a""#, []), ("1{}", []), ("15", []),
            ("2", []), ("2{}", []), ("2[]", []), ("2[null]", []), ("2[[]]", []), (#"2{"0":"a"}"#, []), (#"2abc["a"]"#, []),
            (#"2-1["a"]"#, []), (#"2["a""#, []), (#"2["connect"]"#, []), (#"2["disconnecting",1]"#, []), (#"2["\ud800"]"#, []),
            (#"29007199254740992["a"]"#, []), (#"212345678901234567["a"]"#, []), (#"2 1["a"]"#, []), ("3[]", []), ("31{}", []), ("31", []),
            (#"4{"message":"x"}"#, []), (#"5["m"]"#, []), (#"5-["m"]"#, []), (#"5x-["m"]"#, []), (#"51["m"]"#, []), (#"51-["m"]"#, []),
            (#"511-["m"]"#, []), (#"599999999999-["m"]"#, []), (#"51-["m",{"_placeholder":true,"num":1}]"#, []),
            (#"51-["m",{"_placeholder":true,"num":-1}]"#, []), (#"51-["m",{"_placeholder":true,"num":"0"}]"#, []),
            (#"51-["m",{"_placeholder":true}]"#, []), (#"50-["m",{"_placeholder":true,"num":0}]"#, []),
            (#"52-["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#, []),
            (#"51-["m",{"_placeholder":true,"num":0}]"#, [[1], [2]]), (#"2["m"]"#, [[1]]),
            (#"51-["m",{"_placeholder":true,"num":0}]"#, [[UInt8](repeating: 0, count: 1001)]),
            ("0/" + String(repeating: "n", count: 128), []),
        ] as [(String, [[UInt8]])])
    func invalid(text: String, attachments: [[UInt8]]) {
        var configuration = SocketConfiguration()
        configuration.maxAttachmentBytes = 1000
        guard case .failure = Self.decode(text, attachments, configuration: configuration) else {
            Issue.record("\(text) was taken")
            return
        }
    }

    @Test("the attachments of a packet come right behind it")
    func interrupted() throws {
        var decoder = SocketDecoder(configuration: SocketConfiguration())
        #expect(try decoder.receive(text: ByteBuffer(string: #"51-["m",{"_placeholder":true,"num":0}]"#)) == nil)
        #expect(throws: SocketViolation.self) { try decoder.receive(text: ByteBuffer(string: #"2["a"]"#)) }
    }

    static func pieces(_ message: SocketMessage) -> [String] {
        ([message.text] + message.attachments).map { String(buffer: $0.piece) }
    }

    @Test("messages are written as clients expect them")
    func messages() {
        let placeholder = JSONText.placeholder(0)
        #expect(Self.pieces(.event("auth", [Self.json("{}")])) == [#"42["auth",{}]"#])
        #expect(Self.pieces(.event("a\"b", namespace: "/custom", offset: "17")) == [#"42/custom,["a\"b","17"]"#])
        #expect(
            Self.pieces(.event("m", [Self.json("1"), placeholder], attachments: [ByteBuffer(bytes: [1, 2, 3])], namespace: "/c"))
                == [#"451-/c,["m",1,{"_placeholder":true,"num":0}]"#, "bAQID"])
        #expect(
            Self.pieces(.event("q", [], attachments: [], namespace: "/", offset: nil, id: 12)) == [#"4212["q"]"#])
        #expect(Self.pieces(.acknowledgement(of: 456, [Self.json("1")], attachments: [], namespace: "/c")) == ["43/c,456[1]"])
        #expect(
            Self.pieces(.acknowledgement(of: 789, [placeholder], attachments: [ByteBuffer()], namespace: "/"))
                == [#"461-789[{"_placeholder":true,"num":0}]"#, "b"])
        #expect(Self.pieces(.connected("/", id: "s", pid: nil)) == [#"40{"sid":"s"}"#])
        #expect(Self.pieces(.connected("/c", id: "s", pid: "p")) == [#"40/c,{"sid":"s","pid":"p"}"#])
        #expect(Self.pieces(.refused("/random", message: "Invalid namespace")) == [#"44/random,{"message":"Invalid namespace"}"#])
        #expect(
            Self.pieces(.refused("/", message: "no", data: Self.json(#"{"code":1}"#))) == [#"44{"message":"no","data":{"code":1}}"#])
        #expect(Self.pieces(.disconnected("/")) == ["41"] && Self.pieces(.disconnected("/c")) == ["41/c,"])
    }

    @Test("where a client stopped is read out of what it sends along")
    func recovery() {
        let auth = Self.json(#"{"token":"t","pid":"p","offset":"17"}"#)
        #expect(SocketRecovery(auth: auth).map { [$0.pid, $0.offset] } == ["p", "17"])
        for other in ["{}", #"{"pid":"p"}"#, #"{"pid":1,"offset":"2"}"#, #"{"offset":"2"}"#] {
            #expect(SocketRecovery(auth: Self.json(other)) == nil)
        }
        #expect(SocketRecovery(auth: nil) == nil)
    }
}
