import NIOCore

/// What has to be known of a JSON text to pass its parts on without decoding them. Ranges count bytes from its beginning.
struct JSONOutline {
    enum Kind { case object, array, string, number, literal }

    struct Member {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// Of the outermost value.
    private(set) var kind = Kind.literal
    /// Of the outermost array, if they are kept.
    private(set) var elements: [Range<Int>] = []
    /// Of the outermost object, if they are kept.
    private(set) var members: [Member] = []
    /// The numbers of the placeholders for attachments, in order; -1 for one without a number.
    private(set) var placeholders: [Int] = []

    /// Parts of the outermost value that are told apart.
    struct Parts: OptionSet {
        let rawValue: Int

        static let elements = Parts(rawValue: 1)
        static let members = Parts(rawValue: 2)
    }

    /// How many parts are kept at most.
    static let maxParts = 256

    /// Reads a text in time proportional to its length.
    /// - Returns: `nil` unless it is one valid JSON value no deeper than `JSONText.maxDepth`, with at most `maxParts` parts that
    ///   are to be kept.
    init?(of bytes: ByteBuffer, keeping parts: Parts = .elements) {
        let outline = bytes.withUnsafeReadableBytes { bytes -> JSONOutline? in
            var reader = Reader(bytes: bytes, keeping: parts)
            return reader.document() ? reader.outline : nil
        }
        guard let outline else { return nil }
        self = outline
    }

    private init() {}

    /// A strict recursive-descent reader; recursion is bounded by the depth limit. Functions answer whether all is well.
    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        let parts: Parts
        var outline = JSONOutline()
        private var index = 0

        init(bytes: UnsafeRawBufferPointer, keeping parts: Parts) {
            self.bytes = bytes
            self.parts = parts
        }

        mutating func document() -> Bool {
            skipSpace()
            outline.kind =
                switch peek {
                case UInt8(ascii: "{"): .object
                case UInt8(ascii: "["): .array
                case UInt8(ascii: "\""): .string
                case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): .literal
                default: .number
                }
            guard value(depth: 0) else { return false }
            skipSpace()
            return index == bytes.count
        }

        private mutating func value(depth: Int) -> Bool {
            switch peek {
            case UInt8(ascii: "{"): return depth < JSONText.maxDepth && object(depth: depth + 1)
            case UInt8(ascii: "["): return depth < JSONText.maxDepth && array(depth: depth + 1)
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            default: return number()
            }
        }

        private mutating func array(depth: Int) -> Bool {
            index += 1
            skipSpace()
            if take(UInt8(ascii: "]")) { return true }
            repeat {
                skipSpace()
                let start = index
                guard value(depth: depth) else { return false }
                if depth == 1, parts.contains(.elements) {
                    guard outline.elements.count < maxParts else { return false }
                    outline.elements.append(start..<index)
                }
                skipSpace()
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "]"))
        }

        private mutating func object(depth: Int) -> Bool {
            index += 1
            skipSpace()
            if take(UInt8(ascii: "}")) { return true }
            var isPlaceholder = false
            var number = -1
            repeat {
                skipSpace()
                let start = index
                guard peek == UInt8(ascii: "\""), string() else { return false }
                let name = start..<index
                skipSpace()
                guard take(UInt8(ascii: ":")) else { return false }
                skipSpace()
                let valueStart = index
                guard value(depth: depth) else { return false }
                let member = Member(name: name, value: valueStart..<index)
                if reads(member.name, #""_placeholder""#) { isPlaceholder = reads(member.value, "true") }
                if reads(member.name, #""num""#) { number = smallNumber(member.value) }
                if depth == 1, parts.contains(.members) {
                    guard outline.members.count < maxParts else { return false }
                    outline.members.append(member)
                }
                skipSpace()
            } while take(UInt8(ascii: ","))
            if isPlaceholder, outline.placeholders.count < maxParts { outline.placeholders.append(number) }
            return take(UInt8(ascii: "}"))
        }

        private mutating func string() -> Bool {
            index += 1
            while let byte = peek {
                index += 1
                switch byte {
                case UInt8(ascii: "\""): return true
                case UInt8(ascii: "\\"): guard escape() else { return false }
                case ..<0x20: return false
                default: break
                }
            }
            return false
        }

        private mutating func escape() -> Bool {
            guard let byte = peek else { return false }
            index += 1
            guard byte == UInt8(ascii: "u") else { return #""\/bfnrt"#.utf8.contains(byte) }
            for _ in 0..<4 {
                guard let digit = peek, JSONString.hexValue(digit) != nil else { return false }
                index += 1
            }
            return true
        }

        private mutating func number() -> Bool {
            _ = take(UInt8(ascii: "-"))
            if !take(UInt8(ascii: "0")) { guard digits() else { return false } }
            if take(UInt8(ascii: ".")) { guard digits() else { return false } }
            guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return true }
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            return digits()
        }

        private mutating func digits() -> Bool {
            let start = index
            while let byte = peek, (48...57).contains(byte) { index += 1 }
            return index > start
        }

        private mutating func word(_ text: StaticString) -> Bool {
            guard reads(index..<min(index + text.utf8CodeUnitCount, bytes.count), text) else { return false }
            index += text.utf8CodeUnitCount
            return true
        }

        private func reads(_ range: Range<Int>, _ text: StaticString) -> Bool {
            text.withUTF8Buffer { range.count == $0.count && bytes[range].elementsEqual($0) }
        }

        private func smallNumber(_ range: Range<Int>) -> Int {
            guard range.count <= 3, bytes[range].allSatisfy({ (48...57).contains($0) }) else { return -1 }
            return bytes[range].reduce(0) { $0 * 10 + Int($1 - 48) }
        }

        private mutating func skipSpace() {
            while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            index += 1
            return true
        }

        private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }
    }
}
