import Core
import Glibc

/// What the file system says about a file without reading it. Equal facts mean the same content.
public struct FileFacts: Sendable, Hashable {
    /// Bytes.
    public var size: Int64
    /// When it was last written to, in nanoseconds since 1970.
    public var modified: Int64
    /// Its number in the file system.
    public var inode: Int64

    /// See the properties of the same names.
    public init(size: Int64, modified: Int64, inode: Int64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }

    /// When it was last written to.
    var modifiedAt: Timestamp { Timestamp(milliseconds: modified / 1_000_000) }

    /// Of an open regular file; `nil` for anything else.
    static func of(_ descriptor: Int32) -> FileFacts? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? FileFacts(status) : nil
    }

    private init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        let (seconds, overflow) = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        self.init(
            size: Int64(status.st_size), modified: overflow ? 0 : seconds &+ Int64(status.st_mtim.tv_nsec),
            inode: Int64(bitPattern: UInt64(status.st_ino)))
    }
}

/// Which folder a path leads to now: another one may have been mounted there.
struct FolderIdentity: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64

    static func of(_ path: String) -> FolderIdentity? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        return FolderIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
