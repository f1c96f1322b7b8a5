public import CoreMetrics

/// A file that the kernel can send by itself.
public protocol SendableFile: AnyObject, Sendable {
    /// Open for reading for as long as this object lives.
    var descriptor: CInt { get }

    /// Where a part of it is now; asked on an event loop before each part is sent.
    func residence(of part: Range<Int64>) -> FileResidence

    /// Reads a part, and begins to read what follows it, so that sending it will not wait for a disk.
    /// Blocks: for file threads.
    /// - Throws: `IOError`, also when the file ends before the part does.
    func warm(_ part: Range<Int64>) throws
}

/// Where a part of a file is.
public enum FileResidence: Sendable {
    /// In the page cache.
    case memory
    /// On the disk, some of it at least; or nobody can tell.
    case disk
    /// The file ends before it.
    case nowhere
}

/// A part of a file as a body, or as a part of one.
public struct FilePart: Sendable {
    public let file: any SendableFile
    /// Offsets of bytes.
    public let range: Range<Int64>
    /// Counts the bytes that were sent.
    public let sent: Counter?

    public init(_ file: any SendableFile, _ range: Range<Int64>, sent: Counter? = nil) {
        self.file = file
        self.range = range
        self.sent = sent
    }
}
