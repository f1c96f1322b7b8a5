import CPostgres
import Core

/// Values in the form in which libpq takes parameters: all binary, in one piece of memory.
struct BoundValues {
    /// Begins with a byte that belongs to no value, so that empty values have an address too: libpq takes NULL for SQL's.
    private var bytes: [UInt8] = [0]
    private var spans: [Range<Int>?] = []

    /// - Parameter types: one for each value, which fits it.
    init(_ values: [SQLValue], types: [Oid]) {
        spans.reserveCapacity(values.count)
        // Most are ids and numbers.
        bytes.reserveCapacity(1 + 40 * values.count)
        for (value, type) in zip(values, types) {
            let start = bytes.count
            value.append(to: &bytes, as: type)
            spans.append(value == .null ? nil : start..<bytes.count)
        }
    }

    /// Gives the pointers, lengths and formats of all values, valid during the call.
    func withParameters<Result>(
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            let characters = buffer.bindMemory(to: CChar.self)
            let pointers = spans.map { span in span.flatMap { characters.baseAddress?.advanced(by: $0.lowerBound) } }
            let lengths = spans.map { Int32($0?.count ?? 0) }
            return body(pointers, lengths, [Int32](repeating: 1, count: spans.count))
        }
    }
}
