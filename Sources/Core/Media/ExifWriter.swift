/// Writes Exif blocks (CIPA DC-008): small ones, of a few fields.
public enum ExifWriter {
    /// One entry.
    public struct Field: Sendable, Equatable {
        /// The tag's number.
        public var tag: UInt16
        /// The number of the value's type (TIFF 6.0, section 2).
        public var type: UInt16
        /// Values, of that type.
        public var count: UInt32
        /// The values' bytes, in the block's byte order.
        public var value: [UInt8]

        /// A field; see the properties of the same names.
        public init(tag: UInt16, type: UInt16, count: UInt32, value: [UInt8]) {
            self.tag = tag
            self.type = type
            self.count = count
            self.value = value
        }

        /// A text.
        public init(tag: UInt16, text: String) {
            let value = Array(text.utf8) + [0]
            self.init(tag: tag, type: 2, count: UInt32(value.count), value: value)
        }

        /// Bytes behind the directory; values begin at even offsets.
        fileprivate var remoteLength: Int { value.count > 4 ? (value.count + 1) & ~1 : 0 }
    }

    /// A block with two directories below the main one where they have fields; it begins with the byte order.
    public static func block(main: [Field], exif: [Field] = [], gps: [Field] = [], isBigEndian: Bool = true) -> [UInt8] {
        let pointers = (exif.isEmpty ? 0 : 1) + (gps.isEmpty ? 0 : 1)
        let exifStart = 8 + length(main) + 12 * pointers
        let gpsStart = exifStart + (exif.isEmpty ? 0 : length(exif))
        let number = { (value: Int, width: Int) in bytes(value, width, isBigEndian) }
        var main = main
        if !exif.isEmpty { main.append(Field(tag: 0x8769, type: 4, count: 1, value: number(exifStart, 4))) }
        if !gps.isEmpty { main.append(Field(tag: 0x8825, type: 4, count: 1, value: number(gpsStart, 4))) }
        var block = Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4) + directory(main, at: 8, isBigEndian)
        if !exif.isEmpty { block += directory(exif, at: exifStart, isBigEndian) }
        if !gps.isEmpty { block += directory(gps, at: gpsStart, isBigEndian) }
        return block
    }

    private static func directory(_ fields: [Field], at start: Int, _ isBigEndian: Bool) -> [UInt8] {
        var entries = bytes(fields.count, 2, isBigEndian)
        var values: [UInt8] = []
        let valuesStart = start + 6 + 12 * fields.count
        for field in fields.sorted(by: { $0.tag < $1.tag }) {
            entries += bytes(Int(field.tag), 2, isBigEndian) + bytes(Int(field.type), 2, isBigEndian)
            entries += bytes(Int(field.count), 4, isBigEndian)
            if field.remoteLength == 0 {
                entries += field.value + [UInt8](repeating: 0, count: 4 - field.value.count)
            } else {
                entries += bytes(valuesStart + values.count, 4, isBigEndian)
                values += field.value + (field.value.count % 2 == 1 ? [0] : [])
            }
        }
        return entries + [0, 0, 0, 0] + values
    }

    private static func length(_ fields: [Field]) -> Int { fields.reduce(6) { $0 + 12 + $1.remoteLength } }

    private static func bytes(_ value: Int, _ width: Int, _ isBigEndian: Bool) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (isBigEndian ? width - 1 - $0 : $0))) }
    }
}
