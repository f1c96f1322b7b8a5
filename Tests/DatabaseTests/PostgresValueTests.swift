import CPostgres
import Core
import Testing

@testable import Database

@Suite struct `PostgreSQL values` {
    @Test("numeric is an integer when it is one, otherwise the nearest real number", arguments: [
        ([0, 0, 0, 0], SQLValue.integer(0)), ([1, 0, 0, 0, 42], .integer(42)), ([1, 0, 0x4000, 0, 42], .integer(-42)),
        ([1, 1, 0, 0, 3], .integer(30_000)), ([2, 0, 0, 1, 2, 5000], .real(2.5)), ([1, 0xFFFF, 0x4000, 4, 1], .real(-0.0001)),
        ([5, 4, 0, 0, 922, 3372, 368, 5477, 5807], .integer(.max)), ([5, 4, 0x4000, 0, 922, 3372, 368, 5477, 5808], .integer(.min)),
        ([5, 4, 0, 0, 922, 3372, 368, 5477, 5808], .real(9_223_372_036_854_775_808)), ([1, 0, 0, 2, 7], .integer(7)),
        ([0, 0, 0xD000, 0], .real(.infinity)), ([0, 0, 0xF000, 0], .real(-.infinity)), ([9, 0, 0, 0, 1], .integer(1)),
    ] as [([UInt16], SQLValue)])
    func numeric(_ words: [UInt16], _ expected: SQLValue) {
        let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        let value = bytes.withUnsafeBytes { PostgresNumeric($0).value }
        // The last case claims more digits than it has: they count as zeroes behind the point.
        #expect(value == expected || words[0] == 9 && value == .real(1))
    }

    @Test("rows of text and integers come as text, all others in binary", arguments: [
        ([], .text), ([PostgresType.int8, PostgresType.text, 1043, PostgresType.int4], .text),
        ([PostgresType.text, PostgresType.bytea], .binary), ([PostgresType.float8], .binary), ([PostgresType.numeric], .binary),
        ([PostgresType.bool], .binary), ([600], .binary),
    ] as [([Oid], PostgresEncoding)])
    func encoding(_ types: [Oid], _ expected: PostgresEncoding) {
        #expect(PostgresEncoding(for: types) == expected)
    }

    @Test("integers are read from digits", arguments: [
        ("0", 0), ("-1", -1), ("1234567890", 1_234_567_890), ("9223372036854775807", Int64.max),
        ("-9223372036854775808", Int64.min), ("", 0),
    ])
    func digits(_ text: String, _ expected: Int64) {
        #expect(Array(text.utf8).withUnsafeBytes { $0.decimal } == expected)
    }

    @Test("a value fits the parameters that can hold it whole", arguments: [
        (SQLValue.integer(1), PostgresType.int8, true), (.integer(1), PostgresType.int4, true),
        (.integer(1 << 40), PostgresType.int4, false), (.integer(40_000), PostgresType.int2, false),
        (.integer(1), PostgresType.float8, true), (.integer(1), PostgresType.text, false), (.real(1), PostgresType.int8, false),
        (.text("a"), PostgresType.text, true), (.text("a"), 1043, true), (.text("1"), PostgresType.int8, false),
        (.blob([]), PostgresType.bytea, true), (.blob([]), PostgresType.text, false), (.null, PostgresType.int8, true),
    ])
    func fitting(_ value: SQLValue, _ type: Oid, _ expected: Bool) {
        #expect(value.fits(type) == expected)
    }

    @Test("statements are kept by use, prepared anew for other kinds of values, and expire one at a time")
    func cache() {
        var cache = StatementCache(limit: 2)
        for text in ["a", "b"] { cache.insert(.init(name: text, types: [PostgresType.int8]), for: text) }
        #expect(cache.find("a", [.integer(1)])?.name == "a")
        #expect(cache.find("a", [.text("x")]) == nil)
        cache.insert(.init(name: "c", types: []), for: "c")
        #expect(cache.expired == ["b"] && cache.count == 2)
        cache.insert(.init(name: "a2", types: [PostgresType.text]), for: "a")
        #expect(cache.expired == ["b", "a"])
        #expect(cache.find("a", [.text("x")])?.name == "a2")
        cache.deallocated("b")
        #expect(cache.expired == ["a"])
        cache.amend("a", name: "other", types: [])
        cache.amend("a", name: "a2", types: [PostgresType.bytea])
        #expect(cache.find("a", [.blob([])])?.types == [PostgresType.bytea])
        let forgotten = [cache.forget("a"), cache.forget("a")]
        #expect(forgotten == [true, false])
        #expect(cache.expired == ["a", "a2"])
    }

    @Test("what followed a statement is known as long as it is kept, and once something has, that stays")
    func sequels() {
        var cache = StatementCache(limit: 2)
        cache.note(.nothing, after: "a")
        #expect(cache.sequel(of: "a") == .unknown)
        cache.insert(.init(name: "a", types: []), for: "a")
        cache.note(.nothing, after: "a")
        cache.insert(.init(name: "a2", types: [PostgresType.text]), for: "a")
        #expect(cache.sequel(of: "a") == .nothing)
        cache.note(.more, after: "a")
        cache.note(.nothing, after: "a")
        #expect(cache.sequel(of: "a") == .more)
        cache.forget("a")
        #expect(cache.sequel(of: "a") == .unknown)
    }

    @Test("what varies too much is not kept", arguments: [
        ("SELECT 1", 0, true), ("\n  insert INTO a VALUES ($1)", 1, true), ("WITH a AS (SELECT 1) SELECT 2", 32, true),
        ("SELECT 1", 33, false), ("CREATE TABLE a (b TEXT)", 0, false), ("DEALLOCATE s1", 0, false),
    ])
    func keeping(_ text: String, _ count: Int, _ expected: Bool) {
        #expect(StatementCache.keeps(text, Array(repeating: .null, count: count)) == expected)
    }

    @Test("PostgreSQL's dialect", arguments: [
        (
            "CREATE TABLE a (id {{serial}}, b INTEGER);",
            "CREATE TABLE a (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, b BIGINT)"
        ),
        (
            "\nCREATE TABLE a (b TEXT PRIMARY KEY, c BLOB, d REAL) WITHOUT ROWID\n",
            #"CREATE TABLE a (b TEXT COLLATE "C" PRIMARY KEY, c BYTEA, d DOUBLE PRECISION)"#
        ),
        (
            "CREATE TABLE a (b TEXT CHECK (b IN ('TEXT', 'it''s REAL')))",
            #"CREATE TABLE a (b TEXT COLLATE "C" CHECK (b IN ('TEXT', 'it''s REAL')))"#
        ),
        (
            "ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT ''",
            #"ALTER TABLE a ADD COLUMN b TEXT COLLATE "C" NOT NULL DEFAULT ''"#
        ),
        ("CREATE INDEX a ON b (c) WHERE d <> 'REAL'", "CREATE INDEX a ON b (c) WHERE d <> 'REAL'"),
        ("UPDATE a SET b = 'INTEGER'", "UPDATE a SET b = 'INTEGER'"),
    ])
    func dialect(_ statement: String, _ expected: String) {
        #expect(PostgresDialect.translate(statement) == expected)
    }

    @Test("errors are sorted by their SQLSTATE", arguments: [
        ("23505", .refused(.duplicate("m"))), ("23514", .refused(.constraint("m"))), ("23503", .refused(.constraint("m"))),
        ("40001", .conflict(.failed(code: "busy", message: "m", statement: "s"))),
        ("40P01", .conflict(.failed(code: "busy", message: "m", statement: "s"))),
        ("57014", .stopped(.failed(code: "timed_out", message: "m", statement: "s"))),
        ("57P01", .lost(.failed(code: "unavailable", message: "m", statement: "s"))),
        ("08006", .lost(.failed(code: "unavailable", message: "m", statement: "s"))),
        ("53300", .lost(.failed(code: "unavailable", message: "m", statement: "s"))),
        ("22P02", .refused(.failed(code: "22P02", message: "a value does not fit its type", statement: "s"))),
        ("42601", .refused(.failed(code: "42601", message: "m", statement: "s"))),
    ] as [(String, PostgresFailure)])
    func failures(_ state: String, _ expected: PostgresFailure) {
        #expect(PostgresFailure(sqlState: state, message: "m", statement: "s") == expected)
    }

    @Test("delays double up to a limit, and chance takes at most half of them", arguments: [
        (1, 1.0, 100), (2, 1.0, 200), (3, 0.0, 200), (20, 1.0, 5000), (1000, 0.5, 3750), (0, 1.0, 100),
    ])
    func backoff(_ failures: Int, _ jitter: Double, _ milliseconds: Int) {
        #expect(Backoff.connecting.delay(after: failures, jitter: jitter) == .milliseconds(milliseconds))
    }
}
