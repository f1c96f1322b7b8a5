import Foundation
import Glibc

/// What the kernel says about this process. `/proc` is memory, not disk: reading it does not wait.
struct ProcessFacts: Equatable {
    /// Bytes of memory in use.
    var residentMemory = 0.0
    var openFiles = 0.0
    /// Seconds of processor time, user and system.
    var processorTime = 0.0

    static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        let pages = words("/proc/self/statm").dropFirst().first.flatMap(Double.init) ?? 0
        facts.residentMemory = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
        // The listing opens a descriptor of its own.
        facts.openFiles = Double(max(0, ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 1) - 1))
        facts.processorTime = processorTime((try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? "")
        return facts
    }

    /// Fields 14 and 15 of `/proc/self/stat` (proc(5)); the name in field 2 may hold spaces, but ends with the last `)`.
    static func processorTime(_ stat: String) -> Double {
        guard let end = stat.lastIndex(of: ")") else { return 0 }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func words(_ path: String) -> [Substring] {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: " ")
    }

    var text: String {
        "# TYPE process_resident_memory_bytes gauge\n" + Sample.line("process_resident_memory_bytes", "", residentMemory)
            + "# TYPE process_open_fds gauge\n" + Sample.line("process_open_fds", "", openFiles)
            + "# TYPE process_cpu_seconds_total counter\n" + Sample.line("process_cpu_seconds_total", "", processorTime)
    }
}
