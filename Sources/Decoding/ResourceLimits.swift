import Glibc

/// What the process may use at most; beyond it, the kernel ends it and the job fails.
enum ResourceLimits {
    /// The environment variable that sets the address space, MiB.
    static let memoryVariable = "LUMIERE_DECODE_MEMORY"
    static let defaultMemory = 4096
    /// Files that can be open at once.
    private static let descriptors = 256

    /// Limits the address space, descriptors and core files of this process.
    static func apply(memory mebibytes: Int) {
        set(RLIMIT_AS, soft: mebibytes << 20, hard: mebibytes << 20)
        set(RLIMIT_NOFILE, soft: descriptors, hard: descriptors)
        set(RLIMIT_CORE, soft: 0, hard: 0)
    }

    /// The configured address space, MiB; nonsense and anything too small to start in means the default.
    static func memory(from environment: [String: String]) -> Int {
        environment[memoryVariable].flatMap { Int($0) }.flatMap { (256...1 << 20).contains($0) ? $0 : nil } ?? defaultMemory
    }

    /// Lets the next job use as much processor time as it may take on the clock, counted from now.
    /// - Parameter milliseconds: the job's time limit.
    static func allowProcessorTime(_ milliseconds: Int64) {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let seconds = Int(clamping: max(0, milliseconds / 1000)).clamped(to: 0...1_000_000) + 2
        // The hard limit stays open: a lowered one could not be raised for the job after.
        set(RLIMIT_CPU, soft: used + seconds, hard: nil)
    }

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
