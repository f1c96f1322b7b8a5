import Core
import Foundation
import Glibc
import Synchronization

/// Watches a folder and those in it on a thread of its own, and tells which files are ready.
final class FolderWatcher: Sendable {
    /// How far it looks.
    struct Limits: Sendable {
        /// Folders below the watched one.
        var depth = 16
        /// Folders watched in all.
        var folders = 4096
        /// How long a file whose closing was not seen must have rested.
        var rest: Duration = .seconds(2)
        /// How often everything is looked at again, for file systems that tell nothing of what others write (NFS, SMB).
        var rescan: Duration = .seconds(60)
        /// The same when the kernel has no watches left.
        var rescanUnwatched: Duration = .seconds(5)
    }

    let inlet = WatchInlet()
    private let folder: String
    private let filter: FileFilter
    private let limits: Limits
    private let isStopped = Atomic<Bool>(false)
    private let alarm = WakePipe()

    /// - Parameter folder: absolute.
    init(_ folder: String, filter: FileFilter, limits: Limits = Limits()) {
        self.folder = folder
        self.filter = filter
        self.limits = limits
    }

    /// Begins; to be called once.
    func start() {
        Thread { [self] in
            var run = FolderWatch(folder, filter, limits, alarm.reader) { [self] piece in
                inlet.push(piece) { self.isStopped.load(ordering: .relaxed) }
            }
            while !isStopped.load(ordering: .relaxed) { run.turn() }
            inlet.finish()
        }.start()
    }

    /// Ends within a moment.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        alarm.ring()
    }
}

/// Wakes a thread that waits in `poll`.
final class WakePipe: Sendable {
    let reader: Int32
    private let writer: Int32

    /// Without descriptors to spare, whoever waits wakes by its own time limit.
    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) != 0 { ends = [-1, -1] }
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        if reader >= 0 { close(reader) }
        if writer >= 0 { close(writer) }
    }

    func ring() { if writer >= 0 { _ = write(writer, [1], 1) } }
}
