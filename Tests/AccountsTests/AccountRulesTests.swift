import Core
import Foundation
import Testing

@testable import Accounts

@Suite struct AccountRulesTests {
    @Test(arguments: [
        ("Anna@Example.ORG", "anna@example.org"), (" a@b ", "a@b"), ("no-at-sign", nil), ("a@b@c", nil), ("@b", nil),
        ("a b@c", nil), ("", nil),
    ])
    func `an email address is stored in lower case`(text: String, stored: String?) {
        #expect((try? AccountRules.email(text)) == stored)
    }

    @Test(arguments: ["abc", "Anna.B-9_x", String(repeating: "x", count: 32)])
    func `a username keeps its case`(name: String) throws {
        #expect(try AccountRules.username(name) == name)
    }

    @Test(arguments: ["ab", String(repeating: "x", count: 33), "with space", "änna", "a@bc", "", "null\0"])
    func `a username of other characters or lengths is refused`(name: String) async {
        #expect(await code { try AccountRules.username(name) } == "invalid_field")
    }

    @Test(arguments: [(7, false), (8, true), (200, true), (201, false)])
    func `a password has 8 to 200 characters`(length: Int, isAccepted: Bool) {
        #expect(((try? AccountRules.password(String(repeating: "ü", count: length))) != nil) == isAccepted)
    }

    @Test(arguments: [
        (nil, "X"), ("", "X"), ("  ", "X"), ("a\u{7}b\nc", "abc"),
        (String(repeating: "y", count: 101), String(repeating: "y", count: 100)),
    ])
    func `a name is one printable line`(text: String?, stored: String) {
        #expect(AccountRules.name(text, or: "X") == stored)
    }
}
