import Core

/// The 128 bits of an id, which take less room than its text.
struct CompactID: Hashable, Sendable {
    private let high: UInt64
    let low: UInt64

    init(_ id: Identifier<some Any>) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        // Ids are lower-case hexadecimal digits and dashes.
        for byte in id.description.utf8 where byte != UInt8(ascii: "-") {
            words.high = words.high << 4 | words.low >> 60
            words.low = words.low << 4 | UInt64(byte < UInt8(ascii: "a") ? byte &- UInt8(ascii: "0") : byte &- (UInt8(ascii: "a") - 10))
        }
        (high, low) = words
    }
}
