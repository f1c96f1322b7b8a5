/// Where everything lies in a ZIP archive of files whose sizes and checksums are known: what it would be if it were written,
/// to the last byte (APPNOTE 6.3.10). Pure; nothing but names and numbers is held.
///
/// The same files in the same order give the same archive. What is added behind them changes nothing before the central
/// directory.
public struct ArchiveLayout: Sendable {
    /// Counted up when other bytes come between the files than before: the same files are another archive then.
    public static let version = 1

    let table: ArchiveTable
    /// Files.
    public let count: Int

    init(_ table: ArchiveTable, count: Int) { (self.table, self.count) = (table, count) }

    /// The archive of the first files alone.
    /// - Parameter count: at most as many as there are.
    public func prefix(_ count: Int) -> ArchiveLayout { ArchiveLayout(table, count: min(count, self.count)) }

    /// Bytes of the whole archive.
    public var length: Int64 { endStart + Int64(end.byteCount) }

    /// Bytes of memory.
    public var footprint: Int { table.footprint }

    /// A file's name in the archive, in UTF-8.
    public func nameBytes(of index: Int) -> ArraySlice<UInt8> { table[index].name }

    /// A file's name in the archive.
    public func name(of index: Int) -> String { String(decoding: table[index].name, as: UTF8.self) }

    /// Bytes of a file.
    public func size(of index: Int) -> Int64 { table[index].size }

    /// The CRC-32 of a file.
    public func crc32(of index: Int) -> UInt32 { table[index].crc32 }

    /// Seconds since 1970.
    public func time(of index: Int) -> UInt32 { table[index].time }

    /// What a range of the archive is made of, in order; what lies outside is not walked through.
    /// - Parameter range: within the archive's length.
    public func pieces(in range: Range<Int64>) -> ArchivePieces { ArchivePieces(self, range) }

    /// Where the central directory begins.
    var directoryStart: Int64 { table.starts[count] }

    /// Where the records behind the central directory begin.
    var endStart: Int64 { directoryStart + table.headerStarts[count] }

    var end: ArchiveEnd { ArchiveEnd(count: count, start: directoryStart, length: table.headerStarts[count]) }
}

/// Collects the files of an archive.
public struct ArchiveBuilder: Sendable {
    private var names = ArchiveNames()
    private var table = ArchiveTable()

    /// No files.
    public init() {}

    /// Adds a file behind the others.
    /// - Parameters:
    ///   - wanted: what it is called unless that is impossible, or taken.
    ///   - size: bytes.
    ///   - modifiedAt: to the second, from 1980 on.
    public mutating func add(_ wanted: String, size: Int64, crc32: UInt32, modifiedAt: Timestamp) {
        table.append(name: names.add(wanted), size: size, crc32: crc32, modifiedAt: modifiedAt)
    }

    /// Adds a file under a path that is safe and that no other has.
    public mutating func add(path: String, size: Int64, crc32: UInt32, modifiedAt: Timestamp) {
        table.append(name: path, size: size, crc32: crc32, modifiedAt: modifiedAt)
    }

    /// The archive of what has been added, in no more memory than it needs.
    public var layout: ArchiveLayout { ArchiveLayout(table.trimmed, count: table.count) }
}
