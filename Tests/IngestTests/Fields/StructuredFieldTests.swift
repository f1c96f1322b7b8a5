import Core
import Foundation
import Testing

@testable import Ingest

func base64Bytes(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

struct FieldCase: Sendable, CustomTestStringConvertible {
    var text: String
    var value: StructuredField?

    init(_ text: String, _ value: StructuredField?) {
        self.text = text
        self.value = value
    }

    var testDescription: String { text.debugDescription }

    static let items = [
        FieldCase("?1", .boolean(true)), FieldCase("?0", .boolean(false)), FieldCase(" ?1 ", .boolean(true)),
        FieldCase("?1;a=2;b", .boolean(true)), FieldCase("?2", nil), FieldCase("?", nil), FieldCase("?1 ?1", nil),
        FieldCase("?1, ?1", nil), FieldCase("true", .token("true")), FieldCase("", nil), FieldCase("1", .integer(1)),
        FieldCase("0", .integer(0)), FieldCase("-0", .integer(0)), FieldCase("-12", .integer(-12)), FieldCase("+1", nil),
        FieldCase("00042", .integer(42)), FieldCase("999999999999999", .integer(999_999_999_999_999)),
        FieldCase("1000000000000000", nil), FieldCase("--1", nil), FieldCase("1a", nil), FieldCase("1 2", nil),
        FieldCase("1.5", .decimal(1.5)), FieldCase("-1.125", .decimal(-1.125)), FieldCase("1.", nil), FieldCase(".5", nil),
        FieldCase("1.1234", nil), FieldCase("1234567890123.1", nil), FieldCase(#""a\"b\\c""#, .string(#"a"b\c"#)),
        FieldCase(#""a\b""#, nil), FieldCase(#""open"#, nil), FieldCase("\"\u{7f}\"", nil), FieldCase("\"é\"", nil),
        FieldCase("a:b/c", .token("a:b/c")), FieldCase("*x", .token("*x")), FieldCase(":AQID:", .bytes([1, 2, 3])),
        FieldCase(":AQID", nil), FieldCase(":A*ID:", nil), FieldCase("::", .bytes([])), FieldCase("@1659578233", .date(1_659_578_233)),
        FieldCase("@1.5", nil), FieldCase(#"%"f%c3%bc""#, .displayString("fü")), FieldCase(#"%"f%C3%BC""#, nil),
        FieldCase(#"%"%ff""#, nil), FieldCase("?1;A", nil), FieldCase("?1;a=", nil), FieldCase("\t?1", nil),
    ]
}

@Suite("Structured fields")
struct StructuredFieldTests {
    @Test("reads items as RFC 9651 does", arguments: FieldCase.items)
    func items(_ example: FieldCase) { #expect(StructuredField.item(example.text) == example.value) }

    @Test("reads dictionaries, of a repeated key the last value")
    func dictionaries() {
        #expect(StructuredField.dictionary("") == [:])
        #expect(
            StructuredField.dictionary("max-size=10 ,\tmin-size=0;x=1, on, off=?0")
                == ["max-size": .integer(10), "min-size": .integer(0), "on": .boolean(true), "off": .boolean(false)])
        #expect(StructuredField.dictionary("a=1, a=2") == ["a": .integer(2)])
        #expect(StructuredField.dictionary("a=(1 \"b\";q ?1);p, b=()") == [
            "a": .innerList([.integer(1), .string("b"), .boolean(true)]), "b": .innerList([]),
        ])
        #expect(StructuredField.dictionary("sha-256=:AQID:, x=:BA==:") == ["sha-256": .bytes([1, 2, 3]), "x": .bytes([4])])
    }

    @Test(
        "refuses what is no dictionary",
        arguments: ["a=1,", ",a=1", "a=1 b=2", "A=1", "a=", "a=(1", "a=(1,2)", "a=((1))", "1=2", "a=1;;b", "ä=1"])
    func brokenDictionaries(_ text: String) { #expect(StructuredField.dictionary(text) == nil) }

    @Test("takes only numbers that count something")
    func counts() {
        #expect(StructuredField.count("17") == 17)
        for text in ["-1", "1.0", "\"1\"", "?1", "1, 1", nil] { #expect(StructuredField.count(text) == nil) }
    }

    /// Pieces that make and break every production.
    private static let pieces = [
        "a", "*", "-", "1", "999999999999999", ".", "\"", "\\", ":", "AQID", "?", "0", "@", "%", "c3", "(", ")", ";", "=", ",",
        " ", "\t", "é", "\u{0}", "\u{7f}",
    ]

    @Test("never fails in another way than by returning nothing, whatever comes", arguments: UInt64(1)...20)
    func fuzz(_ seed: UInt64) {
        var random = SeededGenerator(seed)
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
            let value = StructuredField.item(text)
            #expect((value == .boolean(true) || value == .boolean(false)) == Self.looksBoolean(text), "\(text.debugDescription)")
            // What is an item alone is one in a dictionary.
            let member = StructuredField.dictionary("k=\(text.drop { $0 == " " })")?["k"]
            #expect(member == value || value == nil, "\(text.debugDescription)")
        }
    }

    /// The same question answered by a pattern.
    private static func looksBoolean(_ text: String) -> Bool {
        guard let match = try? #/ *\?[01](.*)/#.dotMatchesNewlines().wholeMatch(in: text) else { return false }
        return match.1.allSatisfy { $0 == " " } || StructuredField.item("1" + match.1) == .integer(1)
    }

    @Test("the longest field is read in no time")
    func long() {
        let text = (0..<4000).map { "k\($0)=1" }.joined(separator: ",")
        #expect(StructuredField.dictionary(text)?.count == 4000)
        #expect(StructuredField.item(String(repeating: "(", count: 16_000)) == nil)
        #expect(StructuredField.dictionary("a=" + String(repeating: "(", count: 16_000)) == nil)
    }
}

@Suite("Content-Disposition and digests")
struct FileFieldTests {
    @Test("finds the file's name, however it is written", arguments: [
        ("inline; filename=\"file name.jpg\"", "file name.jpg"),
        ("inline; filename=plain.jpg", "plain.jpg"),
        ("inline; filename=\"file name.jpg\"; filename*=UTF-8''f%C3%BCr%20dich.jpg", "für dich.jpg"),
        ("attachment; FILENAME=\"a;b.jpg\"; x=\"filename=c\"", "a;b.jpg"),
        ("inline; filename=\"a\\\"b\\\\c.jpg\"", "a\"b\\c.jpg"),
        ("inline; filename=\"a.jpg\"; filename*=UTF-8''%ff", "a.jpg"),
        ("inline; filename=\"a.jpg\"; filename*=ISO-8859-1''b.jpg", "a.jpg"),
        ("inline", nil), ("", nil), ("inline; filename", nil), ("inline; filename=\"open", "\"open"),
    ] as [(String, String?)])
    func names(_ field: String, _ name: String?) { #expect(ContentDisposition.filename(field) == name) }

    private static let sha256 = ":\(base64Bytes([UInt8](repeating: 1, count: 32))):"
    private static let sha512 = ":\(base64Bytes([UInt8](repeating: 2, count: 64))):"

    @Test("takes the strongest digest it knows, and looks at no other")
    func digests() throws {
        #expect(try DigestField.checksum("sha-256=\(Self.sha256), sha-512=\(Self.sha512)")?.algorithm == .sha512)
        #expect(try DigestField.checksum("md5=:AQID:, sha-256=\(Self.sha256)")?.expected == [UInt8](repeating: 1, count: 32))
        #expect(try DigestField.checksum("md5=:AQID:, unixsum=17") == nil)
        #expect(try DigestField.checksum("no dictionary") == nil)
        #expect(try DigestField.sha256("sha-256=\(Self.sha256)") == String(repeating: "01", count: 32))
        #expect(try DigestField.sha256("sha-512=\(Self.sha512)") == nil)
    }

    @Test("refuses a digest that cannot be one", arguments: ["sha-256=:AQID:", "sha-256=17", "sha-512=:AQID:"])
    func brokenDigests(_ field: String) {
        #expect(throws: Problem.self) { try DigestField.checksum(field) }
    }
}
