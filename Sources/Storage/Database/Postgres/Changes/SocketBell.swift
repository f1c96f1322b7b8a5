import Core
import Glibc

/// Lets other threads wake one that waits for a socket.
final class SocketBell: Sendable {
    private let ear: Int32
    private let hammer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // Without descriptors to spare the thread wakes at its deadlines only.
        _ = socketpair(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
        (ear, hammer) = (ends[0], ends[1])
    }

    deinit {
        close(ear)
        close(hammer)
    }

    func ring() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = write(hammer, &byte, 1)
    }

    /// Blocks the thread until it is rung for, the socket has something to read, or the time has come.
    func wait(orReadable socket: Int32?, until deadline: ContinuousClock.Instant?) {
        var waits = [pollfd(fd: ear, events: Int16(POLLIN), revents: 0)]
        if let socket { waits.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        let left = deadline.map { max(0, ContinuousClock.now.duration(to: $0).milliseconds + 1) } ?? 3_600_000
        _ = poll(&waits, nfds_t(waits.count), Int32(min(left, 3_600_000)))
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(ear, &bytes, bytes.count) > 0 {}
    }
}
