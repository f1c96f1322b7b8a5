import Foundation
import Glibc

/// How much memory a process holds.
enum ResidentMemory {
    /// Resident bytes from `/proc/{pid}/statm`; `nil` when the process is gone. Blocks briefly.
    static func of(_ processID: Int32) -> Int64? {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
