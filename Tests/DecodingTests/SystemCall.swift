import Foundation
import Glibc
import Testing

/// A system call by its number, for those that the C library has no function for.
struct SystemCall: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let number: Int

    init(_ name: String, _ number: Int) {
        testDescription = name
        self.number = number
    }

    /// Makes the call; 0 or its errno.
    func callAsFunction(_ first: Int, _ second: Int, _ third: Int) -> Int32 {
        Self.call(number, first, second, third, 0, 0, 0) >= 0 ? 0 : errno
    }

    /// `long syscall(long number, ...)`; on Linux, integers are passed alike with and without the dots.
    private static let call: @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int = unsafeBitCast(
        dlsym(nil, "syscall"), to: (@convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int).self)

    #if arch(x86_64)
        static let tgkill = SystemCall("tgkill", 234)
        private static let ofThisMachine = [
            SystemCall("ptrace", 101), SystemCall("process_vm_readv", 310), SystemCall("process_vm_writev", 311),
            SystemCall("kcmp", 312), SystemCall("bpf", 321), SystemCall("perf_event_open", 298),
            SystemCall("userfaultfd", 323), SystemCall("keyctl", 250), SystemCall("unshare", 272), SystemCall("setns", 308),
            SystemCall("mount", 165), SystemCall("umount2", 166), SystemCall("shmget", 29), SystemCall("shmat", 30),
            SystemCall("move_pages", 279), SystemCall("fanotify_init", 300), SystemCall("init_module", 175),
        ]
    #else
        static let tgkill = SystemCall("tgkill", 131)
        private static let ofThisMachine = [
            SystemCall("ptrace", 117), SystemCall("process_vm_readv", 270), SystemCall("process_vm_writev", 271),
            SystemCall("kcmp", 272), SystemCall("bpf", 280), SystemCall("perf_event_open", 241),
            SystemCall("userfaultfd", 282), SystemCall("keyctl", 219), SystemCall("unshare", 97), SystemCall("setns", 268),
            SystemCall("mount", 40), SystemCall("umount2", 39), SystemCall("shmget", 194), SystemCall("shmat", 196),
            SystemCall("move_pages", 239), SystemCall("fanotify_init", 262), SystemCall("init_module", 105),
        ]
    #endif

    /// What a confined process may not do.
    static let refused = ofThisMachine + [
        SystemCall("pidfd_send_signal", 424), SystemCall("io_uring_setup", 425), SystemCall("io_uring_enter", 426),
        SystemCall("io_uring_register", 427), SystemCall("open_tree", 428), SystemCall("move_mount", 429),
        SystemCall("fsopen", 430), SystemCall("fsconfig", 431), SystemCall("fsmount", 432), SystemCall("fspick", 433),
        SystemCall("pidfd_open", 434), SystemCall("pidfd_getfd", 438), SystemCall("process_madvise", 440),
        SystemCall("mount_setattr", 442), SystemCall("process_mrelease", 448), SystemCall("removexattrat", 466),
    ]
    /// Newer than the last that a confined process may make, and getpid under its x32 number, as far as this kernel has them.
    static let tooNew = [
        SystemCall("open_tree_attr", 467), SystemCall("file_getattr", 468), SystemCall("file_setattr", 469),
        SystemCall("listns", 470), SystemCall("getpid of x32", 0x4000_0027),
    ].filter { $0(-1, 0, 0) != ENOSYS }
}
