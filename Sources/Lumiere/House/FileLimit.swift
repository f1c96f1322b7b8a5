import Glibc

/// The number of files and connections this process may have open.
enum FileLimit {
    /// Raises it as far as the system lets us: the usual 1024 is less than one busy gallery.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
