import CPostgres
import Core
import Glibc

/// One column of a result, read from row to row.
struct PostgresColumn {
    let name: String
    private let number: Int32
    private let type: Oid
    /// `nil` when this program does not know the type.
    private let format: PostgresFormat?
    /// The last text, as bytes of the result and as a value. Owners and kinds repeat from row to row, and those rows share
    /// one string.
    private var last: (bytes: UnsafeRawBufferPointer, value: SQLValue) = (UnsafeRawBufferPointer(start: nil, count: 0), .null)
    /// Times that a text was another one than that of the row before.
    private var changes = 0

    init(_ number: Int32, of result: OpaquePointer) {
        name = String(cString: PQfname(result, number))
        self.number = number
        type = PQftype(result, number)
        format = PostgresFormat(type, in: PQfformat(result, number) == 0 ? .text : .binary)
    }

    /// The value in a row of the result that this is a column of, which must still exist.
    /// - Throws: `DatabaseError.unexpectedColumn` for a type that this program does not know.
    mutating func value(in row: Int32, of result: OpaquePointer) throws(Core.DatabaseError) -> SQLValue {
        let count = Int(PQgetlength(result, row, number))
        // NULL has no length.
        if count == 0, PQgetisnull(result, row, number) == 1 { return .null }
        guard let format else { throw .unexpectedColumn("\(name) (type \(type))") }
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, number), count: count)
        let isLong = format == .text && count > Self.inlineText
        return isLong && changes < Self.changeLimit ? shared(bytes) : SQLValue(bytes, as: format)
    }

    private mutating func shared(_ text: UnsafeRawBufferPointer) -> SQLValue {
        if !text.isSame(as: last.bytes) {
            last = (text, SQLValue(text, as: .text))
            changes += 1
        }
        return last.value
    }

    /// Bytes of text that a `String` holds without memory of its own.
    private static let inlineText = 15
    /// After so many changes a column is not one that repeats, and comparing is a waste.
    private static let changeLimit = 8
}

extension UnsafeRawBufferPointer {
    fileprivate func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let mine = baseAddress, let others = other.baseAddress else { return false }
        return memcmp(mine, others, count) == 0
    }
}
