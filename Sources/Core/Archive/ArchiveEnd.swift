/// The records behind the central directory, by which readers find it.
struct ArchiveEnd {
    /// Files.
    var count: Int
    /// Where the central directory begins.
    var start: Int64
    /// Bytes of the central directory.
    var length: Int64

    private static let (zip64Length, locatorLength, plainLength) = (56, 20, 22)

    private var isZip64: Bool {
        count >= Int(UInt16.max) || start >= Int64(ArchiveRecord.escape) || length >= Int64(ArchiveRecord.escape)
    }

    var byteCount: Int { (isZip64 ? Self.zip64Length + Self.locatorLength : 0) + Self.plainLength }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        if isZip64 { appendZip64(to: &bytes) }
        // The end of central directory record (4.3.16); what does not fit stands in the Zip64 record.
        bytes.append(little: 0x0605_4B50 as UInt32)
        bytes.append(little: 0 as UInt32)
        bytes.append(little: UInt16(clamping: count))
        bytes.append(little: UInt16(clamping: count))
        bytes.append(little: UInt32(clamping: length))
        bytes.append(little: UInt32(clamping: start))
        bytes.append(little: 0 as UInt16)
        return bytes
    }

    /// The Zip64 end of central directory record (4.3.14) and its locator (4.3.15).
    private func appendZip64(to bytes: inout [UInt8]) {
        bytes.append(little: 0x0606_4B50 as UInt32)
        // Without the signature and this field itself.
        bytes.append(little: UInt64(Self.zip64Length - 12))
        bytes.append(little: ArchiveRecord.madeBy)
        bytes.append(little: ArchiveRecord.zip64Version)
        bytes.append(little: 0 as UInt64)
        bytes.append(little: UInt64(count))
        bytes.append(little: UInt64(count))
        bytes.append(little: length)
        bytes.append(little: start)
        bytes.append(little: 0x0706_4B50 as UInt32)
        bytes.append(little: 0 as UInt32)
        bytes.append(little: start + length)
        // One disk.
        bytes.append(little: 1 as UInt32)
    }
}
