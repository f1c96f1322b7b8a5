import Glibc

/// What the process may use at most; beyond it, the kernel refuses or ends it, and the job fails.
enum ResourceLimits {
    /// A limit that an environment variable can change; nonsense and values out of range mean the default.
    struct Setting {
        var variable: String
        /// MiB.
        var standard: Int
        var range: ClosedRange<Int>

        /// MiB.
        func value(in environment: [String: String]) -> Int {
            environment[variable].flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil } ?? standard
        }
    }

    /// The address space; in less than the least, the libraries do not even start.
    static let memory = Setting(variable: "LUMIERE_DECODE_MEMORY", standard: 4096, range: 256...1 << 20)
    /// Each file that is written; the largest is the copy of a film, about as large as the film.
    static let fileSize = Setting(variable: "LUMIERE_DECODE_FILE_SIZE", standard: 64 << 10, range: 1...1 << 24)
    /// Files that can be open at once.
    private static let descriptors = 256

    /// Limits the address space, written files, descriptors and core files of this process.
    static func apply(from environment: [String: String]) {
        set(RLIMIT_AS, to: memory.value(in: environment) << 20)
        set(RLIMIT_FSIZE, to: fileSize.value(in: environment) << 20)
        set(RLIMIT_NOFILE, to: descriptors)
        set(RLIMIT_CORE, to: 0)
    }

    /// Lets the next job take so much time, of the processor and on the clock, counted from now: a server that lives kills
    /// its child before, but one that is stopped or hangs does not.
    /// - Parameters:
    ///   - milliseconds: the job's time limit.
    ///   - threads: that may be at work at once.
    static func allowTime(_ milliseconds: Int64, threads: Int = 1) {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let seconds = Int(clamping: max(0, milliseconds / 1000)).clamped(to: 0...1_000_000) + 2
        // The hard limit stays open: a lowered one could not be raised for the job after.
        set(RLIMIT_CPU, soft: used + seconds * threads, hard: nil)
        alarm(UInt32(seconds))
    }

    /// A job has ended: waiting for the next one takes as long as it takes.
    static func stopClock() { alarm(0) }

    private static func set(_ resource: __rlimit_resource, to limit: Int) { set(resource, soft: limit, hard: limit) }

    private static func set(_ resource: __rlimit_resource, soft: Int, hard: Int?) {
        let kind = __rlimit_resource_t(bitPattern: resource.rawValue)
        var limit = rlimit()
        getrlimit(kind, &limit)
        limit.rlim_max = min(limit.rlim_max, hard.map { rlim_t($0) } ?? limit.rlim_max)
        limit.rlim_cur = min(rlim_t(soft), limit.rlim_max)
        setrlimit(kind, &limit)
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int { Swift.min(Swift.max(self, range.lowerBound), range.upperBound) }
}
