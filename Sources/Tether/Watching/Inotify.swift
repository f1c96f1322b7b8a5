import Glibc

/// The kernel's own notice of changes in folders. Used by one thread.
final class Inotify {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)

    /// - Returns: `nil` when the system has none left to give.
    init?() {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        if descriptor < 0 {
            buffer.deallocate()
            return nil
        }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Watches a folder.
    /// - Returns: the watch's number, that of the same folder again when it is watched already; `nil` when the folder is gone
    ///   or the system's limit is reached, as `errno` says.
    func add(_ path: String, followingLink: Bool) -> Int32? {
        let flags = InotifyFlag.wanted | (followingLink ? 0 : InotifyFlag.noLink)
        let watch = inotify_add_watch(descriptor, path, flags)
        return watch < 0 ? nil : watch
    }

    func remove(_ watch: Int32) { inotify_rm_watch(descriptor, watch) }

    /// What has happened since, without waiting.
    func read() -> [InotifyEvent] {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        return count > 0 ? InotifyEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : []
    }

    /// Waits for events here, or for `other` to become readable.
    func wait(or other: Int32, milliseconds: Int32) { Self.wait([descriptor, other], milliseconds) }

    /// Waits until one of the descriptors is readable.
    static func wait(_ descriptors: [Int32], _ milliseconds: Int32) {
        var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&polls, nfds_t(polls.count), milliseconds)
    }
}
