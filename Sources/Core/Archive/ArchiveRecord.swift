import Glibc

/// What an archive says of one file: its local header and its header in the central directory (APPNOTE 6.3.10).
///
/// Files are stored as they are. Sizes and checksums stand before the bytes, so no data descriptor follows them (4.4.4, bit 3).
struct ArchiveRecord {
    /// UTF-8.
    var name: ArraySlice<UInt8>
    /// Bytes.
    var size: Int64
    var crc32: UInt32
    /// Seconds since 1970.
    var time: UInt32
    /// Where the local header begins.
    var offset: Int64

    /// What stands in 32 bits in place of what does not fit (4.4.1.4).
    static let escape: UInt32 = .max
    /// Version 4.5, for Zip64, and the default of 1.0 (4.4.3.2).
    static let (zip64Version, plainVersion): (UInt16, UInt16) = (45, 10)
    /// UNIX, where modes come from, and a program that knows Zip64 (4.4.2).
    static let madeBy: UInt16 = 3 << 8 | zip64Version
    /// Names are UTF-8 (4.4.4, bit 11; appendix D).
    private static let flags: UInt16 = 1 << 11
    /// A plain file that anybody may read.
    private static let mode: UInt32 = 0o100644 << 16

    private var isLarge: Bool { size >= Int64(Self.escape) }
    private var isFar: Bool { offset >= Int64(Self.escape) }

    var localLength: Int { 30 + name.count + (isLarge ? 20 : 0) + 9 }

    var directoryLength: Int { 46 + name.count + zip64Length + 9 }

    private var zip64Length: Int {
        let content = (isLarge ? 16 : 0) + (isFar ? 8 : 0)
        return content == 0 ? 0 : content + 4
    }

    /// The local file header (4.3.7).
    func appendLocal(to bytes: inout [UInt8]) {
        bytes.append(little: 0x0403_4B50 as UInt32)
        appendCommon(to: &bytes, isZip64: isLarge)
        bytes.append(little: UInt16(isLarge ? 29 : 9))
        bytes += name
        if isLarge { appendZip64([size, size], to: &bytes) }
        appendTime(to: &bytes)
    }

    /// The header in the central directory (4.3.12).
    func appendDirectory(to bytes: inout [UInt8]) {
        bytes.append(little: 0x0201_4B50 as UInt32)
        bytes.append(little: Self.madeBy)
        appendCommon(to: &bytes, isZip64: isLarge || isFar)
        bytes.append(little: UInt16(zip64Length + 9))
        // No comment, the first disk, no internal attributes.
        bytes += [UInt8](repeating: 0, count: 6)
        bytes.append(little: Self.mode)
        bytes.append(little: UInt32(clamping: offset))
        bytes += name
        let values = (isLarge ? [size, size] : []) + (isFar ? [offset] : [])
        if !values.isEmpty { appendZip64(values, to: &bytes) }
        appendTime(to: &bytes)
    }

    /// From the version needed to the length of the name: the same in both headers.
    private func appendCommon(to bytes: inout [UInt8], isZip64: Bool) {
        bytes.append(little: isZip64 ? Self.zip64Version : Self.plainVersion)
        bytes.append(little: Self.flags)
        // Stored (4.4.5).
        bytes.append(little: 0 as UInt16)
        bytes.append(little: DOSTime.text(of: time))
        bytes.append(little: crc32)
        bytes.append(little: UInt32(clamping: size))
        bytes.append(little: UInt32(clamping: size))
        bytes.append(little: UInt16(name.count))
    }

    /// Zip64 extended information (4.5.3): only what does not fit into its field.
    private func appendZip64(_ values: [Int64], to bytes: inout [UInt8]) {
        bytes.append(little: 0x0001 as UInt16)
        bytes.append(little: UInt16(8 * values.count))
        for value in values { bytes.append(little: value) }
    }

    /// Info-ZIP's extended timestamp: when the file was modified, in UTC, which a DOS time cannot say.
    private func appendTime(to bytes: inout [UInt8]) {
        bytes.append(little: 0x5455 as UInt16)
        bytes.append(little: 5 as UInt16)
        bytes.append(1)
        bytes.append(little: Int32(clamping: time))
    }
}

/// Date and time of MS-DOS (4.4.6): two seconds apart, without a time zone; here in UTC.
enum DOSTime {
    /// - Returns: the time in the lower half, the date in the upper one; 1980 for anything before.
    static func text(of seconds: UInt32) -> UInt32 {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        guard parts.tm_year >= 80 else { return 1 << 21 | 1 << 16 }
        let date = UInt32(parts.tm_year - 80) << 9 | UInt32(parts.tm_mon + 1) << 5 | UInt32(parts.tm_mday)
        return date << 16 | UInt32(parts.tm_hour) << 11 | UInt32(parts.tm_min) << 5 | UInt32(parts.tm_sec / 2)
    }
}

extension [UInt8] {
    /// A whole number, its lowest byte first (4.4.1.1).
    mutating func append(little value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
