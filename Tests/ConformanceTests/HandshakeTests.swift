import TestSupport
import Testing

@Suite("The conformance server's HTTP")
struct HandshakeTests {
    @Test("frames that follow the handshake in the same write are not lost")
    func leftovers() async throws {
        let frames = [WireFrame.text("early"), .close(1000)]
        let all = try await WireClient.say(Array(WireClient.handshake().utf8) + frames.flatMap(\.bytes))
        let answer = try #require(all.indices.first { all[$0...].starts(with: Array("\r\n\r\n".utf8)) })
        #expect(String(decoding: all[..<answer], as: UTF8.self).hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(WireFrame.parse(all[(answer + 4)...]).frames == frames)
    }

    @Test("a connection that has answered requests may become a WebSocket")
    func reused() async throws {
        let first = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let all = try await WireClient.say(Array((first + WireClient.handshake()).utf8) + WireFrame.close(1000).bytes)
        let text = String(decoding: all, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 404 ") && text.contains("HTTP/1.1 101 ") && all.suffix(4) == [0x88, 0x02, 0x03, 0xE8])
    }

    @Test("other requests are answered", arguments: [
        ("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404"),
        ("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "404"),
        ("GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "426"),
        (WireClient.handshake().replacing("Version: 13", with: "Version: 8"), "426"),
        (WireClient.handshake("Sec-WebSocket-Extensions: ;\r\n"), "400"),
        ("nonsense\r\n\r\n", "400"),
    ])
    func answers(request: String, status: String) async throws {
        let answer = String(decoding: try await WireClient.say(Array(request.utf8)), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test("a body of more than a megabyte is refused")
    func largeBody() async throws {
        let request = "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000001\r\n\r\n"
        let answer = try await WireClient.say(Array(request.utf8) + [UInt8](repeating: 0x78, count: 1_000_001))
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 413 "))
    }
}
