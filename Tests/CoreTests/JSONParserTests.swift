import Core
import Foundation
import Testing

@Suite("The JSON reader")
struct JSONParserTests {
    static let cases: [(String, JSONValue)] = [
        ("null", .null), (" true ", true), ("-0", 0), ("12", 12), ("1.5", .number(1.5)), ("1e3", .number(1000)),
        ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("\"a\\n\\u00e9\\ud83d\\ude00\\/\"", "a\né😀/"), ("[]", []), ("[1,[2],{}]", [1, [2], [:]]),
        ("{\"a\":1,\"b\":{\"c\":[null]}}", ["a": 1, "b": ["c": [.null]]]), ("{\"a\":1,\"a\":2}", ["a": 2]),
    ]

    @Test("reads what RFC 8259 allows", arguments: cases)
    func valid(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", " ", "nul", "tru", "01", "+1", "1.", ".5", "1e", "-", "\"", "\"\\x\"", "\"\\ud800\"", "\"\\u12\"", "\"\u{1}\"",
            "[", "[1,]", "[1 2]", "{", "{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "1 2", "NaN", "1e999", "'a'",
        ])
    func malformed(text: String) {
        #expect(throws: Problem.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test("refuses what is no UTF-8, and what nests too deep")
    func hostile() {
        #expect(throws: Problem.self) { try JSONValue(parsing: [34, 0xFF, 34] as [UInt8]) }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: Problem.self) { try JSONValue(parsing: Array(deep.utf8)) }
        let bracketed = String(repeating: "[", count: JSONValue.maxDepth) + String(repeating: "]", count: JSONValue.maxDepth)
        #expect(throws: Never.self) { try JSONValue(parsing: Array(bracketed.utf8)) }
    }

    /// A whole number comes back as an integer, whatever it was.
    static let stable = cases.map(\.1).filter { $0 != .number(1000) && $0 != .number(9_223_372_036_854_775_808) }

    @Test("comes back from what the encoder writes", arguments: stable)
    func roundTrip(value: JSONValue) throws {
        #expect(try JSONValue(parsing: try JSON.encode(value)) == value)
    }
}
