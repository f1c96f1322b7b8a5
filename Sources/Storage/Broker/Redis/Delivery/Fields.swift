import NIOCore

/// Writes texts one after the other, each behind its length: `5:topic`. Nothing needs escaping.
struct FieldWriter {
    private(set) var buffer = ByteBuffer()

    mutating func write(_ text: String) {
        buffer.writeString("\(text.utf8.count):")
        buffer.writeString(text)
    }

    mutating func write(_ number: Int64) { write(String(number)) }
}

/// Reads what `FieldWriter` wrote; `nil` as soon as something else comes.
struct FieldReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func text() -> String? {
        guard let colon = bytes.prefix(8).firstIndex(of: UInt8(ascii: ":")),
            let count = Int(String(decoding: bytes[..<colon], as: UTF8.self)),
            count >= 0, count <= bytes.endIndex - colon - 1
        else { return nil }
        let end = colon + 1 + count
        defer { bytes = bytes[end...] }
        return String(validating: bytes[(colon + 1)..<end], as: UTF8.self)
    }

    mutating func number() -> Int64? { text().flatMap { Int64($0) } }
}
