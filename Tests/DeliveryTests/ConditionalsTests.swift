import Core
import HTTPTypes
import Testing

@testable import Delivery

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
        (["If-Range": "\"x\""], .proceed(usesRange: false)), (["If-Range": "nonsense"], .proceed(usesRange: false)),
        (["If-Range": "\"abc\", \"abc\""], .proceed(usesRange: false)), (["If-Range": ""], .proceed(usesRange: false)),
        // Each of the obsolete forms of a date is one.
        (["If-Modified-Since": "Saturday, 21-Nov-26 09:30:00 GMT"], .notModified),
        (["If-Range": "Sat Nov 21 09:30:00 2026"], .proceed(usesRange: true)),
        // What was changed is said before what is known, and both before the range.
        (["If-Match": "\"x\"", "If-None-Match": "\"abc\""], .failed),
        (["If-Match": "\"abc\"", "If-None-Match": "\"abc\""], .notModified),
        (["If-Unmodified-Since": earlier, "If-None-Match": "\"abc\""], .failed), (["If-Unmodified-Since": "nonsense"], .proceed(usesRange: true)),
        (["If-None-Match": "\"abc\"", "If-Range": "\"x\""], .notModified),
    ]

    static let lists: [(String, isStrong: Bool, isWeak: Bool)] = [
        ("\"abc\"", true, true), ("W/\"abc\"", false, true), ("w/\"abc\"", false, false), ("*", true, true), (" * ", true, true), ("**", false, false),
        ("\"x\", \"abc\"", true, true), ("\"x\",\"abc\",\"y\"", true, true), (",, \"abc\" ,", true, true), ("\"x\", W/\"abc\"", false, true),
        // A tag may hold commas, and what looks like another.
        ("\"x,abc\"", false, false), ("\"x,\", \"abc\"", true, true), ("\"a,W/b\",\"abc\"", true, true),
        // What cannot be read names nothing, nor does what comes after it.
        ("", false, false), ("abc", false, false), ("\"abc", false, false), ("abc\"", false, false), ("\"\"", false, false),
        ("*, \"abc\"", false, false),
        ("x, \"abc\"", false, false), ("\"x\" \"abc\"", false, false), ("\"x\"\"abc\"", false, false), ("\"x y\", \"abc\"", false, false),
        ("W/ \"abc\"", false, false), ("\"abc\", x", true, true), ("\"ABC\"", false, false), ("'abc'", false, false),
        (String(repeating: "\"x\",", count: 5000) + "\"abc\"", true, true),
    ]

    @Test("lists of entity tags are read as RFC 9110 section 8.8.3 writes them", arguments: lists)
    func tags(list: String, isStrong: Bool, isWeak: Bool) {
        #expect(EntityTags.list(list, names: Self.etag, weakly: false) == isStrong)
        #expect(EntityTags.list(list, names: Self.etag, weakly: true) == isWeak)
    }

    @Test("are decided in the order of RFC 9110 section 13.2.2", arguments: cases)
    func table(headers: [String: String], expected: Conditionals.Decision) {
        var fields = HTTPFields()
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        let file = Representation(etag: Self.etag, modifiedAt: Self.modified, size: 100)
        #expect(Conditionals.evaluate(MediaConditions(fields), file) == expected)
    }

    @Test("say nothing by dates of a file that has none")
    func dateless() {
        var conditions = MediaConditions()
        (conditions.ifModifiedSince, conditions.ifUnmodifiedSince) = (Self.date, Self.earlier)
        let file = Representation(etag: Self.etag, modifiedAt: nil, size: 100)
        #expect(Conditionals.evaluate(conditions, file) == .proceed(usesRange: true))
        conditions.ifRange = Self.date
        #expect(Conditionals.evaluate(conditions, file) == .proceed(usesRange: false))
    }

    @Test("an HTTP date comes back to the second")
    func dates() {
        #expect(HTTPDate.text(Self.modified) == Self.date)
        #expect(HTTPDate.parse(Self.date)?.milliseconds == Self.modified.milliseconds / 1000 * 1000)
    }
}
