/// Where the central directory of a ZIP archive lies, by the records behind it (APPNOTE 6.3.10, 4.3.14 to 4.3.16).
public struct ArchiveDirectoryPlace: Sendable, Equatable {
    public let start: Int64
    /// Bytes.
    public let length: Int64
    /// Files and folders.
    public let count: Int

    /// Bytes from an archive's end in which the records are looked for: the longest comment and all of them.
    public static let tailLength = 65_535 + 22 + 20 + 56

    /// - Parameters:
    ///   - tail: the archive's last bytes, `tailLength` of them or the whole.
    ///   - length: bytes of the archive.
    /// - Throws: `ArchiveIndex.Fault`.
    public init(tail: [UInt8], of archiveLength: Int64) throws {
        guard let end = Self.endRecord(in: tail) else { throw ArchiveIndex.Fault("This is no ZIP archive, or its end is missing.") }
        var reader = LittleReader(Array(tail[end...]))
        try reader.skip(8)
        let (_, short) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        let (size, offset) = (try reader.integer(UInt32.self), try reader.integer(UInt32.self))
        if short == .max || size == .max || offset == .max {
            (count, length, start) = try Self.zip64(in: tail, before: end)
        } else {
            (count, length, start) = (Int(short), Int64(size), Int64(offset))
        }
        guard start >= 0, length >= 0, start <= archiveLength, length <= archiveLength - start, count <= ArchiveIndex.mostEntries,
            length <= ArchiveIndex.longestDirectory
        else { throw ArchiveIndex.Fault("The archive's directory is damaged, or too large.") }
    }

    /// The last place where the record stands, with a comment that is as long as it says.
    private static func endRecord(in tail: [UInt8]) -> Int? {
        guard tail.count >= 22 else { return nil }
        return stride(from: tail.count - 22, through: 0, by: -1).first { index in
            tail[index...].starts(with: [0x50, 0x4B, 0x05, 0x06])
                && Int(tail[index + 20]) | Int(tail[index + 21]) << 8 == tail.count - index - 22
        }
    }

    private static func zip64(in tail: [UInt8], before end: Int) throws -> (count: Int, length: Int64, start: Int64) {
        // The record stands right before its locator, which stands right before the end.
        guard end >= 76, tail[(end - 20)...].starts(with: [0x50, 0x4B, 0x06, 0x07]),
            tail[(end - 76)...].starts(with: [0x50, 0x4B, 0x06, 0x06])
        else { throw ArchiveIndex.Fault("The archive's directory is damaged.") }
        var reader = LittleReader(Array(tail[(end - 76)...]))
        try reader.skip(32)
        let values = try (0..<3).map { _ in try reader.integer(UInt64.self) }
        guard let count = Int(exactly: values[0]), let length = Int64(exactly: values[1]), let start = Int64(exactly: values[2]) else {
            throw ArchiveIndex.Fault("The archive's directory is damaged.")
        }
        return (count, length, start)
    }
}

/// Reads numbers as ZIP archives write them, never beyond the end.
struct LittleReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw ArchiveIndex.Fault("The archive's directory is damaged.") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func skip(_ count: Int) throws { _ = try bytes(count) }

    mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type) throws -> Value {
        try bytes(MemoryLayout<Value>.size).reversed().reduce(0) { $0 << 8 | Value($1) }
    }
}
