import Glibc

/// Whether this process can still have memory. A demuxer reports a want of it for sizes that make no sense, too: then there
/// is as much as before.
enum FreeMemory {
    /// Bytes that any job needs at once sooner or later.
    static let least = 64 << 20

    /// Asks the kernel, which counts it against the limit of the address space, and gives it back.
    /// - Parameter bytes: above 0.
    static func holds(_ bytes: Int = least) -> Bool {
        guard let space = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), space != MAP_FAILED else {
            return false
        }
        return munmap(space, bytes) == 0
    }
}
