import Core
import Testing

@Suite("SQL with bound values")
struct SQLTests {
    @Test("a value never becomes text")
    func injection() {
        let evil = "'; DROP TABLE photos; --"
        let sql: SQL = "SELECT * FROM photos WHERE name = \(evil) AND size > \(5)"
        #expect(sql.text { _ in "?" } == "SELECT * FROM photos WHERE name = ? AND size > ?")
        #expect(sql.values == [.text(evil), .integer(5)])
    }

    @Test("fragments keep their values in order")
    func fragments() {
        let filter: SQL = "b = \(2)"
        let sql: SQL = "a = \(1) AND \(sql: filter) AND c = \(3)"
        #expect(sql.text { "$\($0 + 1)" } == "a = $1 AND b = $2 AND c = $3")
        #expect(sql.values == [.integer(1), .integer(2), .integer(3)])
    }

    @Test("a list binds each item, and an empty one matches nothing")
    func lists() {
        let some: SQL = "id IN \(list: ["a", "b"])"
        let none: SQL = "id IN \(list: [String]())"
        #expect(some.text { _ in "?" } == "id IN (?, ?)")
        #expect(none.text { _ in "?" } == "id IN (NULL)")
    }

    @Test("nil is NULL")
    func null() {
        let sql: SQL = "a = \(String?.none)"
        #expect(sql.values == [.null])
    }

    @Test("a column that is missing, NULL or of another kind is an error")
    func rows() throws {
        let row = Row(names: ["a", "b"], values: [.integer(1), .null])
        #expect(try row.get("a", as: Int.self) == 1)
        #expect(try row.optional("b", as: String.self) == nil)
        #expect(throws: DatabaseError.self) { try row.get("b", as: String.self) }
        #expect(throws: DatabaseError.self) { try row.get("a", as: String.self) }
        #expect(throws: DatabaseError.self) { try row.get("c", as: Int.self) }
        #expect(throws: DatabaseError.self) { try row.optional("a", as: String.self) }
    }

    @Test("rows that share one piece of memory have each its own part of it")
    func sharedValues() throws {
        let values: [SQLValue] = [.integer(1), .text("one"), .integer(2), .null]
        let rows = [0, 2].map { Row(names: ["number", "name"], values: values, start: $0) }
        #expect(try rows.map { try $0.get("number", as: Int.self) } == [1, 2])
        #expect(try rows.map { try $0.optional("name", as: String.self) } == ["one", nil])
    }
}
