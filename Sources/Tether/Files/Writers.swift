import Glibc

/// Who has a file open for writing, as far as the system can tell.
enum Writers: Sendable, Equatable {
    case nobody
    case somebody
    /// The file system, or the file's permissions, do not tell.
    case unseen

    /// Of a file.
    /// - Parameters:
    ///   - fileSystem: its `f_type` (statfs(2)).
    ///   - lease: asks for a read lease and gives it back; 0, or the system's refusal.
    init(fileSystem: UInt32, lease: () -> Int32) {
        // What other machines write is not seen by this one's kernel: NFS without a delegation refuses every lease as if
        // somebody wrote, and FUSE grants them whoever writes at the other end.
        guard Self.local.contains(fileSystem) else {
            self = .unseen
            return
        }
        self =
            switch lease() {
            case 0: .nobody
            case EAGAIN: .somebody
            default: .unseen
            }
    }

    /// File systems that only this machine's kernel writes to (statfs(2), linux/magic.h).
    private static let local: Set<UInt32> = [
        0xEF53,  // ext2, ext3, ext4
        0x5846_5342,  // XFS
        0x9123_683E,  // btrfs
        0xCA45_1A4E,  // bcachefs
        0x2FC1_2FC1,  // ZFS
        0xF2F5_2010,  // F2FS
        0x0102_1994,  // tmpfs
        0x8584_58F6,  // ramfs
        0x794C_7630,  // overlayfs
        0x4D44,  // FAT
        0x2011_BAB0,  // exFAT
        0x7366_746E,  // NTFS
        0x1501_3346,  // UDF
        0x482B,  // HFS+
        0x3153_464A,  // JFS
        0x5265_4973,  // ReiserFS
        0x3434,  // NILFS
        0xF15F,  // eCryptfs
    ]
}

/// Why a file may not be what it will be.
enum Doubt: Sendable, Equatable {
    case writers(Writers)
    case wholeness(Wholeness)
    /// Another file with its content is on its way.
    case twin

    /// For the spool.
    var reason: String {
        switch self {
        case .writers: "being written"
        case .wholeness: "not whole"
        case .twin: "the same content is on its way"
        }
    }
}
