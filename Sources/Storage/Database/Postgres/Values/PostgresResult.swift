import CPostgres
import Core

/// What a statement came to; owns libpq's memory of it.
final class PostgresResult {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var status: ExecStatusType { PQresultStatus(result) }

    /// The rows that an INSERT, UPDATE or DELETE changed; 0 for any other statement.
    var changedRows: Int {
        let tag = String(cString: PQcmdStatus(result))
        guard ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: tag.hasPrefix) else { return 0 }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// A field of the error, by libpq's `PG_DIAG_` letter.
    func errorField(_ letter: UnicodeScalar) -> String? {
        PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
    }

    /// The types of a described statement's parameters.
    var parameterTypes: [Oid] { (0..<PQnparams(result)).map { PQparamtype(result, $0) } }

    /// In which form the rows of the same statement are had best.
    var bestEncoding: PostgresEncoding { PostgresEncoding(for: (0..<PQnfields(result)).map { PQftype(result, $0) }) }

    /// - Throws: `DatabaseError.unexpectedColumn` for a type that this program does not know.
    func rows() throws(Core.DatabaseError) -> [Row] {
        let (count, width) = (PQntuples(result), PQnfields(result))
        let columns = (0..<width).map { PostgresColumn($0, of: result) }
        // One piece of memory for all rows: one for each would be allocated and freed with every row.
        var values = [SQLValue](repeating: .null, count: Int(count) * columns.count)
        for (index, var column) in columns.enumerated() {
            var position = index
            for row in 0..<count {
                values[position] = try column.value(in: row, of: result)
                position += columns.count
            }
        }
        let names = columns.map(\.name)
        return (0..<Int(count)).map { Row(names: names, values: values, start: $0 * columns.count) }
    }
}
