/// Checks UTF-8 piece by piece (Unicode standard, table 3-7), so that a bad fragment is noticed before the message is whole.
struct UTF8Validator {
    /// How many continuation bytes the current scalar still lacks.
    private var missing = 0
    /// What the next continuation byte may be; narrower after some leading bytes.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether the pieces so far end with a whole scalar.
    var isComplete: Bool { missing == 0 }

    /// Takes the next piece. `false`: this cannot be UTF-8 any more, whatever follows.
    mutating func append(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
            ?? bytes.allSatisfy { append(byte: $0) }
    }

    /// The same for bytes in memory.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0, index + 8 <= bytes.count, Self.isASCII(bytes, at: index) {
                index += 8
            } else {
                guard append(byte: bytes[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    private static func isASCII(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
    }

    private mutating func append(byte: UInt8) -> Bool {
        guard missing > 0 else { return lead(byte) }
        guard allowed.contains(byte) else { return false }
        allowed = 0x80...0xBF
        missing -= 1
        return true
    }

    private mutating func lead(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: return expect(1)
        case 0xE0: return expect(2, first: 0xA0...0xBF)  // no overlong forms
        case 0xED: return expect(2, first: 0x80...0x9F)  // no surrogates
        case 0xE1...0xEF: return expect(2)
        case 0xF0: return expect(3, first: 0x90...0xBF)  // no overlong forms
        case 0xF1...0xF3: return expect(3)
        case 0xF4: return expect(3, first: 0x80...0x8F)  // nothing above U+10FFFF
        default: return false
        }
    }

    private mutating func expect(_ count: Int, first: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
        missing = count
        allowed = first
        return true
    }
}
