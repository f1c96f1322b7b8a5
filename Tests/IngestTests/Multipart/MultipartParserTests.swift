import Core
import NIOCore
import Testing

@testable import Ingest

/// What a parser gave, with each part's bytes in one piece.
struct ParsedPart: Equatable {
    var header: MultipartHeader
    var bytes: [UInt8] = []
}

/// - Returns: the parts; `nil` when the body has not ended with them.
func parse(_ chunks: [[UInt8]], boundary: String = "b") throws -> [ParsedPart]? {
    var parser = try MultipartParser(contentType: "multipart/form-data; boundary=\(boundary)")
    var parts: [ParsedPart] = []
    for chunk in chunks {
        parser.append(ByteBuffer(bytes: chunk))
        events: while let event = try parser.next() {
            switch event {
            case .part(let header): parts.append(ParsedPart(header: header))
            case .bytes(let bytes): parts[parts.count - 1].bytes += Array(buffer: bytes)
            case .partEnd: break
            case .end: return parts
            }
        }
    }
    return nil
}

@Suite("A form that is read as it comes")
struct MultipartParserTests {
    static let body = """
        preamble\r\n--b\r\nContent-Disposition: form-data; name="session"\r\n\r\nS\r\n--b  \t\r\n\
        content-type: image/jpeg\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\
        \r\n--bx\r\n\r\r\n--\n\0--b\r\n--b-\r\r\n--b\r\nContent-Disposition: form-data; name="e"; filename=""\r\n\r\n\
        \r\n--b--\r\nepilogue\r\n--b\r\n
        """

    static var parts: [[UInt8]] { ["S", "\r\n--bx\r\n\r\r\n--\n\0--b\r\n--b-\r", ""].map { Array($0.utf8) } }

    @Test("is the same wherever it is cut in two")
    func splits() throws {
        let bytes = Array(Self.body.utf8)
        let whole = try #require(try parse([bytes]))
        #expect(whole.map(\.bytes) == Self.parts)
        #expect(whole.map(\.header.name) == ["session", "file", "e"])
        #expect(whole.map(\.header.filename) == [nil, "a.jpg", ""])
        #expect(whole[1].header.contentType == "image/jpeg")
        for cut in 0...bytes.count {
            #expect(try parse([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(try parse(bytes.map { [$0] }) == whole)
    }

    @Test("is not whole before its last delimiter")
    func truncated() throws {
        let bytes = Array(Self.body.utf8)
        let end = bytes.count - "\r\nepilogue\r\n--b\r\n".utf8.count
        for count in 0..<end { #expect(try parse([Array(bytes[..<count])]) == nil, "\(count) bytes") }
        #expect(try parse([Array(bytes[..<end])]) != nil)
    }

    @Test("can have no part, a part without an empty line, and parts within a part")
    func quirks() throws {
        #expect(try parse([Array("--b--".utf8)]) == [])
        let bare = try parse([Array("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n--b--".utf8)])
        #expect(bare?.map(\.bytes) == [[]])
        let inner = "--b2\r\nContent-Type: text/plain\r\n\r\nx\r\n--b2--\r\n"
        let nested = try parse([Array("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\(inner)\r\n--b--".utf8)])
        #expect(nested?.map(\.bytes) == [Array(inner.utf8)])
    }

    @Test("is refused when it is malformed or beyond the bounds", arguments: [
        String(repeating: "x", count: MultipartParser.maxPreamble + 1),
        "--b\r\n\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=x\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=x\r\nContent-Disposition: form-data; name=y\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=x\nX: y\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"x\0\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data;\r\n name=x\r\n\r\nx\r\n--b--",
        "--b\r\nno colon\r\n\r\nx\r\n--b--",
        "--b\r\n: empty\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=x\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=x\r\n" + String(repeating: "a: b\r\n", count: 20) + "\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=" + String(repeating: "x", count: MultipartHeader.maxLength),
        String(repeating: "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n", count: MultipartParser.maxParts + 1),
    ])
    func refused(_ body: String) {
        for chunks in [[Array(body.utf8)], body.utf8.map { [$0] }] {
            let problem = #expect(throws: Problem.self) { try parse(chunks) }
            #expect(problem?.code == "bad_multipart")
        }
    }

    @Test("has a boundary of its own", arguments: [
        ("multipart/form-data; boundary=\"a b\"", nil), ("Multipart/Form-Data;charset=utf-8; boundary=x", nil),
        ("multipart/form-data", "bad_multipart"), ("multipart/form-data; boundary=\"\"", "bad_multipart"),
        ("multipart/form-data; boundary=\(String(repeating: "x", count: 71))", "bad_multipart"),
        ("multipart/mixed; boundary=x", "unsupported_content_type"), ("", "unsupported_content_type"),
    ] as [(String, String?)])
    func boundary(_ type: String, _ code: String?) {
        var found: String?
        do { _ = try MultipartParser(contentType: type) } catch { found = error.code }
        #expect(found == code)
    }

    @Test("names its files in any of the ways that are met", arguments: [
        (#"filename="a b.jpg""#, "a b.jpg"), (#"filename=a.jpg"#, "a.jpg"), (#"filename="a\"b\\c.jpg""#, #"a"b\c.jpg"#),
        (#"filename="C:\photos\a.jpg""#, #"C:\photos\a.jpg"#), (#"filename="Grüße;=.jpg""#, "Grüße;=.jpg"),
        (#"filename*=UTF-8''%e2%82%ac.jpg"#, "€.jpg"), (#"filename="x"; filename*=utf-8'de'%C3%A4"#, "ä"),
        (#"filename="x"; filename*=iso-8859-1''%e4"#, "x"), (#"filename="x"; filename*=UTF-8''%ff"#, "x"),
        (#"filename="open"#, "open"), (#"filename="a"; filename="b""#, "a"),
    ])
    func filename(_ parameter: String, _ expected: String) throws {
        let header = try MultipartHeader(Array("Content-Disposition: form-data; name=\"file\"; \(parameter)".utf8))
        #expect(header.filename == expected)
        #expect(header.name == "file")
    }

    @Test("of any parts comes out as it went in, however it is cut", arguments: 1...8 as ClosedRange<UInt64>)
    func fuzz(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let alphabet = Array("\r\n--b\r\n-b\0 x".utf8)
        for _ in 0..<300 {
            let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            }
            var bytes: [UInt8] = []
            for part in parts { bytes += Array("--boundary\r\nContent-Disposition: form-data; name=x\r\n\r\n".utf8) + part + [13, 10] }
            bytes += Array("--boundary--\r\n".utf8)
            var chunks: [[UInt8]] = []
            while !bytes.isEmpty {
                let count = Int.random(in: 1...20, using: &random)
                chunks.append(Array(bytes.prefix(count)))
                bytes.removeFirst(min(count, bytes.count))
            }
            #expect(try parse(chunks, boundary: "boundary")?.map(\.bytes) == parts)
        }
    }

    @Test("of any bytes is read or refused", arguments: 1...4 as ClosedRange<UInt64>)
    func garbage(_ seed: UInt64) {
        var random = SeededGenerator(seed)
        let pieces = ["--b", "\r\n", "--", "Content-Disposition: form-data; name=x", ";", "filename=\"", "\0", "\r", "é", " "]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            do { _ = try parse([Array(text.utf8)]) } catch { #expect((error as? Problem)?.code == "bad_multipart", "\(text)") }
        }
    }
}
