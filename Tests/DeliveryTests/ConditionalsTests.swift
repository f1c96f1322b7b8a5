import Core
import Delivery
import HTTPTypes
import Testing

@Suite("Conditional requests")
struct ConditionalsTests {
    static let etag = "\"abc\""
    static let modified = Timestamp("2026-11-21T09:30:00.900Z")!
    static let date = "Sat, 21 Nov 2026 09:30:00 GMT"
    static let earlier = "Sat, 21 Nov 2026 09:29:59 GMT"

    static let cases: [([String: String], Conditionals.Decision)] = [
        ([:], .proceed(usesRange: true)),
        (["If-None-Match": "\"abc\""], .notModified), (["If-None-Match": "W/\"abc\""], .notModified),
        (["If-None-Match": "\"x\", \"abc\""], .notModified), (["If-None-Match": "*"], .notModified),
        (["If-None-Match": "\"x\""], .proceed(usesRange: true)),
        (["If-None-Match": "\"x\"", "If-Modified-Since": date], .proceed(usesRange: true)),
        (["If-Modified-Since": date], .notModified), (["If-Modified-Since": earlier], .proceed(usesRange: true)),
        (["If-Modified-Since": "nonsense"], .proceed(usesRange: true)),
        (["If-Match": "\"x\""], .failed), (["If-Match": "W/\"abc\""], .failed), (["If-Match": "*"], .proceed(usesRange: true)),
        (["If-Unmodified-Since": earlier], .failed), (["If-Unmodified-Since": date], .proceed(usesRange: true)),
        (["If-Match": "\"abc\"", "If-Unmodified-Since": earlier], .proceed(usesRange: true)),
        (["If-Range": "\"abc\""], .proceed(usesRange: true)), (["If-Range": "W/\"abc\""], .proceed(usesRange: false)),
        (["If-Range": date], .proceed(usesRange: true)), (["If-Range": earlier], .proceed(usesRange: false)),
    ]

    @Test("are decided in the order of RFC 9110 section 13.2.2", arguments: cases)
    func table(headers: [String: String], expected: Conditionals.Decision) {
        var fields = HTTPFields()
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        #expect(Conditionals.evaluate(fields, etag: Self.etag, modified: Self.modified) == expected)
    }

    @Test("an HTTP date comes back to the second")
    func dates() {
        #expect(HTTPDate.text(Self.modified) == Self.date)
        #expect(HTTPDate.parse(Self.date)?.milliseconds == Self.modified.milliseconds / 1000 * 1000)
    }
}
