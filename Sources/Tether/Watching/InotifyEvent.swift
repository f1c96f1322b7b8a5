import Glibc

/// What happened in a watched folder (inotify(7)).
struct InotifyEvent: Sendable, Equatable {
    /// The watch it belongs to; -1 for an overflow.
    var watch: Int32
    var mask: UInt32
    /// The name in the folder; `nil` for the folder itself, and for names that are not UTF-8.
    var name: String?

    func has(_ flag: UInt32) -> Bool { mask & flag != 0 }

    /// Reads a buffer as the kernel fills it; an event that is cut off ends it.
    static func parse(_ buffer: UnsafeRawBufferPointer) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var offset = 0
        while offset + headLength <= buffer.count {
            let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            guard length <= buffer.count - offset - headLength else { break }
            let name = buffer[(offset + headLength)..<(offset + headLength + length)].prefix { $0 != 0 }
            events.append(
                InotifyEvent(
                    watch: buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                    mask: buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                    name: name.isEmpty ? nil : String(validating: name, as: UTF8.self)))
            offset += headLength + length
        }
        return events
    }

    /// The watch, the mask, a cookie, and the length of the name.
    private static let headLength = 16
}

/// The flags of inotify as one type; the headers give some of them as signed numbers.
enum InotifyFlag {
    static let created = UInt32(IN_CREATE)
    static let closed = UInt32(IN_CLOSE_WRITE)
    static let movedIn = UInt32(IN_MOVED_TO)
    static let movedOut = UInt32(IN_MOVED_FROM)
    static let selfDeleted = UInt32(IN_DELETE_SELF)
    static let selfMoved = UInt32(IN_MOVE_SELF)
    static let unmounted = UInt32(IN_UNMOUNT)
    static let overflow = UInt32(IN_Q_OVERFLOW)
    static let ignored = UInt32(IN_IGNORED)
    static let isFolder = UInt32(IN_ISDIR)
    static let onlyFolder = UInt32(IN_ONLYDIR)
    static let noLink = UInt32(IN_DONT_FOLLOW)

    /// What a watch of ours asks for.
    static let wanted = created | closed | movedIn | movedOut | selfDeleted | selfMoved | onlyFolder
}
