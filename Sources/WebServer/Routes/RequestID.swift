import Core

/// Names a request in its answer and in every log line about it.
enum RequestID {
    static func generate() -> String { RandomToken.secret(bytes: 12) }

    /// The names of a connection's requests: of the same form, without asking the kernel for each.
    struct Source {
        private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        private var state = UInt64.random(in: 0 ... .max)

        mutating func next() -> String {
            let words = (word(), word())
            return String(unsafeUninitializedCapacity: 16) { text in
                for index in 0..<16 {
                    let bits = (index < 8 ? words.0 : words.1) >> UInt64(index % 8 * 8)
                    text[index] = Self.alphabet[Int(bits & 63)]
                }
                return 16
            }
        }

        /// SplitMix64: all its numbers differ, and those of two connections as good as surely.
        private mutating func word() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }

    /// Takes over what the client sent if it is a plain token of at most 64 characters, so that it can go into a log.
    static func accept(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count) else { return nil }
        let isToken = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        return isToken ? text : nil
    }
}
