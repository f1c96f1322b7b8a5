/// What a range of an archive is made of.
public enum ArchivePiece: Sendable, Equatable {
    /// Bytes that stand between the files and behind them.
    case added([UInt8])
    /// A part of a file, never empty.
    case file(Int, Range<Int64>)
}

/// The pieces of a range of an archive, each made when it is asked for.
public struct ArchivePieces: Sequence, IteratorProtocol, Sendable {
    /// Bytes of the central directory that are made at once, at least.
    static let chunk = 64 << 10

    private let layout: ArchiveLayout
    private var position: Int64
    private let end: Int64
    /// The file that the position lies in, or whose header in the directory.
    private var index = 0

    init(_ layout: ArchiveLayout, _ range: Range<Int64>) {
        self.layout = layout
        let range = range.clamped(to: 0..<layout.length)
        (position, end) = (range.lowerBound, range.upperBound)
        let starts = position < layout.directoryStart ? layout.table.starts : layout.table.headerStarts
        let offset = position < layout.directoryStart ? position : position - layout.directoryStart
        index = ArchiveTable.index(of: offset, in: starts, count: layout.count)
    }

    public mutating func next() -> ArchivePiece? {
        if position >= end { return nil }
        if position < layout.directoryStart { return inFiles() }
        if position == layout.directoryStart { index = 0 }
        if position < layout.endStart { return inDirectory() }
        return added(layout.end.bytes, from: layout.endStart)
    }

    private mutating func inFiles() -> ArchivePiece {
        while layout.table.starts[index + 1] <= position { index += 1 }
        let record = layout.table[index]
        let content = record.offset + Int64(record.localLength)
        guard position >= content else {
            var bytes: [UInt8] = []
            record.appendLocal(to: &bytes)
            return added(bytes, from: record.offset)
        }
        let part = position - content..<Swift.min(end - content, record.size)
        position = content + part.upperBound
        return .file(index, part)
    }

    private mutating func inDirectory() -> ArchivePiece {
        let offset = position - layout.directoryStart
        while layout.table.headerStarts[index + 1] <= offset { index += 1 }
        let start = layout.directoryStart + layout.table.headerStarts[index]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.chunk + 512)
        while index < layout.count, bytes.count < Self.chunk, start + Int64(bytes.count) < end {
            layout.table[index].appendDirectory(to: &bytes)
            index += 1
        }
        index = Swift.min(index, layout.count - 1)
        return added(bytes, from: start)
    }

    /// What is wanted of bytes that begin somewhere in the archive.
    private mutating func added(_ bytes: [UInt8], from start: Int64) -> ArchivePiece {
        let stop = Swift.min(end, start + Int64(bytes.count))
        let part = bytes[Int(position - start)..<Int(stop - start)]
        position = stop
        return .added(part.count == bytes.count ? bytes : Array(part))
    }
}
