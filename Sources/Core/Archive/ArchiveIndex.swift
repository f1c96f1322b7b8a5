/// What a ZIP archive says is in it (APPNOTE 6.3.10), read from the records at its end. Pure: names and numbers that hold together, or
/// a fault. Archives may come from anywhere: nothing is taken that leads out of a folder, lies twice in the same bytes, or unpacks to
/// more than it can.
public struct ArchiveIndex: Sendable {
    /// Files in the order of the archive; folders are left out.
    public let entries: [Entry]

    /// A file in an archive.
    public struct Entry: Sendable, Equatable {
        /// A relative path of safe segments.
        public var name: String
        public var isDeflated: Bool
        /// Bytes in the archive.
        public var packedSize: Int64
        /// Bytes of the file.
        public var size: Int64
        public var crc32: UInt32
        /// Where its local header begins.
        public var start: Int64
    }

    /// Why an archive is not read.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    /// Files that an archive has at most.
    public static let mostEntries = 1_000_000
    /// Bytes of the directory at most, which is held in memory.
    public static let longestDirectory: Int64 = 256 << 20
    /// Deflate makes no more of a byte (zlib's technical notes).
    static let mostInflation: Int64 = 1032

    /// Reads the central directory.
    /// - Parameters:
    ///   - bytes: the directory, as long as its place says.
    ///   - place: where it lies.
    /// - Throws: `Fault`.
    public init(directory bytes: [UInt8], at place: ArchiveDirectoryPlace) throws {
        var reader = LittleReader(bytes)
        var (entries, names) = ([Entry](), Set<String>())
        for _ in 0..<place.count {
            guard let entry = try Self.entry(&reader) else { continue }
            guard names.insert(entry.name.lowercased()).inserted else { throw Fault("The archive has \(entry.name) twice.") }
            entries.append(entry)
        }
        try Self.requireApart(entries, before: place.start)
        self.entries = entries
    }

    /// One header of the directory (4.3.12); `nil` for a folder.
    private static func entry(_ reader: inout LittleReader) throws -> Entry? {
        guard try reader.integer(UInt32.self) == 0x0201_4B50 else { throw Fault("The archive's directory is damaged.") }
        let madeBy = try reader.integer(UInt16.self)
        try reader.skip(2)
        let (flags, method) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        try reader.skip(4)
        let crc32 = try reader.integer(UInt32.self)
        let (packed, plain) = (try reader.integer(UInt32.self), try reader.integer(UInt32.self))
        let (nameLength, extraLength) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        let (commentLength, disk) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        try reader.skip(2)
        let (attributes, offset) = (try reader.integer(UInt32.self), try reader.integer(UInt32.self))
        let name = try name(try reader.bytes(Int(nameLength)))
        var long = LongSizes(try reader.bytes(Int(extraLength)))
        try reader.skip(Int(commentLength))
        let (size, packedSize, start) = (try long.value(plain), try long.value(packed), try long.value(offset))
        if name.hasSuffix("/"), size == 0 { return nil }
        guard flags & 1 == 0, method == 0 || method == 8, disk == 0 else {
            throw Fault("\(name) is encrypted, or packed in a way that is not read here.")
        }
        // Whoever packs on Unix writes the file's mode: a link would lead elsewhere.
        guard madeBy >> 8 != 3 || attributes >> 28 == 8 || attributes >> 28 == 0 else { throw Fault("\(name) is no plain file.") }
        guard method == 8 ? size / mostInflation <= packedSize : size == packedSize else {
            throw Fault("\(name) says that it is larger than it can be.")
        }
        return Entry(
            name: try path(name), isDeflated: method == 8, packedSize: packedSize, size: size, crc32: crc32, start: start)
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws -> String {
        guard let name = String(validating: bytes, as: UTF8.self) else { throw Fault("A name in the archive is not UTF-8.") }
        return name
    }

    /// A path that leads to a file within the folder where it is unpacked, whatever the system.
    public static func path(_ name: String) throws -> String {
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        let isSafe = name.utf8.count <= 1024 && segments.allSatisfy { !["", ".", ".."].contains($0) }
            && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && !"\\:".unicodeScalars.contains($0) }
        guard isSafe else { throw Fault("The archive has a name that leads elsewhere.") }
        return name
    }

    /// No two files may share bytes: little would unpack to very much.
    private static func requireApart(_ entries: [Entry], before end: Int64) throws {
        var position: Int64 = 0
        for entry in entries.sorted(by: { $0.start < $1.start }) {
            let header = Int64(headerLength + entry.name.utf8.count)
            guard entry.start >= position, entry.packedSize <= end, entry.start <= end - entry.packedSize - header else {
                throw Fault("Files of the archive lie in each other.")
            }
            position = entry.start + header + entry.packedSize
        }
    }

    /// Where the bytes of a file begin, by its local header (4.3.7).
    /// - Parameter header: the 30 bytes at `entry.start`.
    public static func contentStart(of entry: Entry, header: [UInt8]) throws -> Int64 {
        var reader = LittleReader(header)
        guard try reader.integer(UInt32.self) == 0x0403_4B50 else { throw Fault("\(entry.name) is not where the archive says.") }
        try reader.skip(22)
        return entry.start + 30 + Int64(try reader.integer(UInt16.self)) + Int64(try reader.integer(UInt16.self))
    }

    /// Bytes of a local header without names.
    public static let headerLength = 30
}

/// The Zip64 extra field (4.5.3): what did not fit, in a fixed order.
private struct LongSizes {
    private var reader: LittleReader?

    init(_ extra: ArraySlice<UInt8>) {
        var fields = LittleReader(Array(extra))
        while let id = try? fields.integer(UInt16.self), let length = try? fields.integer(UInt16.self) {
            guard let field = try? fields.bytes(Int(length)) else { return }
            if id == 1 { reader = LittleReader(Array(field)) }
        }
    }

    /// The number itself, or the next long one where it says so.
    mutating func value(_ short: UInt32) throws -> Int64 {
        guard short == .max else { return Int64(short) }
        guard let long = try reader?.integer(UInt64.self), let value = Int64(exactly: long) else {
            throw ArchiveIndex.Fault("The archive's directory is damaged.")
        }
        return value
    }
}
