import Core

extension Identifier {
    /// The 16 bytes of the UUID.
    var bytes: [UInt8] {
        let digits = description.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// - Parameter bytes: 16 of them.
    init?(bytes: some Collection<UInt8>) {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        self.init(text)
    }
}
