import NIOCore
import Testing

@testable import Sockets

@Suite("JSON as bytes")
struct JSONTextTests {
    @Test(
        "valid texts",
        arguments: [
            "null", "true", "false", "0", "-0", "12", "-1.5e+10", "1E3", "0.1", #""""#, #""é🎞""#, #""\u0041\n\"\\\/""#, "[]", "{}",
            " [ 1 , 2 ] ", "\t{ \"a\" : [ ] , \"b\" : { } }\n", #"{"a":1,"a":2}"#, #""\ud800""#,
        ])
    func valid(text: String) { #expect(JSONText(checking: ByteBuffer(string: text)) != nil) }

    @Test(
        "what is no JSON",
        arguments: [
            "", " ", "nul", "nulll", "True", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "\"", "\"a", #""\""#,
            #""\x""#, #""\u12""#, #""\u12G4""#, "\"\n\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", #"{"a"}"#,
            #"{"a":}"#, #"{"a":1,}"#, #"{"a":1"#, #"{a:1}"#, #"{1:1}"#, "{'a':1}", "[] []", "1 1", "/**/1", "\u{FEFF}1", "[1]x",
        ])
    func invalid(text: String) { #expect(JSONText(checking: ByteBuffer(string: text)) == nil) }

    @Test("nesting is bounded, in arrays, objects and both")
    func depth() {
        let nested = { (open: String, close: String, depth: Int) in
            JSONText(checking: ByteBuffer(string: String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)))
        }
        #expect(nested("[", "]", 32) != nil && nested("[", "]", 33) == nil)
        #expect(nested(#"{"a":"#, "}", 32) != nil && nested(#"{"a":"#, "}", 33) == nil)
        let empty = { (depth: Int) in JSONText(checking: ByteBuffer(string: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))) }
        #expect(empty(32) != nil && empty(33) == nil)
        #expect(nested("[", "]", 500_000) == nil)
        #expect(JSONText(checking: ByteBuffer(string: String(repeating: "[", count: 500_000))) == nil)
    }

    @Test("parts are bounded where they are told apart, and only there")
    func parts() {
        let array = { (count: Int) in ByteBuffer(string: "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]") }
        #expect(JSONOutline(of: array(256))?.elements.count == 256 && JSONOutline(of: array(257)) == nil)
        #expect(JSONOutline(of: array(257), keeping: [])?.elements == [])
        #expect(JSONText(checking: array(257)) != nil && JSONText(checking: array(500_000)) != nil)
    }

    @Test("a text is bounded in bytes", arguments: [("[", "]"), (#"{"a":"#, "}"), ("\"", "\"")])
    func bytes(open: String, close: String) {
        let text = { (count: Int) in
            ByteBuffer(string: open + String(repeating: "1", count: count - open.utf8.count - close.utf8.count) + close)
        }
        #expect(JSONText(checking: text(1 << 20)) != nil && JSONText(checking: text(1 << 20 + 1)) == nil)
    }

    @Test(
        "strings are read and written alike",
        arguments: ["", "a", "é🎞", "\"\\/", "\u{0}\u{1F}\u{8}\u{C}\n\r\t", "\u{7F}\u{2028}", "\u{1E}"])
    func strings(text: String) {
        let json = JSONText(string: text)
        #expect(JSONText(checking: json.bytes) == json && json.stringValue == text)
        #expect(!json.bytes.readableBytesView.contains(0x1E))
    }

    @Test(
        "escapes",
        arguments: [
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83c\udf9e!""#, "🎞!"), (#""\b\f\n\r\t\/\\\"""#, "\u{8}\u{C}\n\r\t/\\\""),
            (#""\ud83c""#, nil), (#""\ud83c\n""#, nil), (#""\udf9e\ud83c""#, nil), (#""\ud83c\u0041""#, nil), ("1", nil), ("[]", nil),
        ] as [(String, String?)])
    func escapes(json: String, expected: String?) {
        #expect(JSONText(trusted: ByteBuffer(string: json)).stringValue == expected)
    }

    @Test("members are found by name, the last of one name")
    func members() {
        let json = JSONText(trusted: ByteBuffer(string: #" {"a":1,"b":{"c":2},"a" : "x" ,"\u0064":null} "#))
        #expect(json.member("a") == JSONText(string: "x"))
        #expect(json.member("b")?.member("c").map { String(buffer: $0.bytes) } == "2")
        #expect(json.member("d") != nil && json.member("c") == nil && json.member("b")?.member("a") == nil)
        #expect(JSONText(string: "a").member("a") == nil)
    }
}
