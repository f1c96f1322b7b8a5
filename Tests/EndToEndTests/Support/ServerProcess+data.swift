import Core
import Foundation
import Glibc
import TestSupport

// What lies in its folder, and how much of memory it takes. Files and rows are changed while it does not run.
extension ServerProcess {
    /// Changes its database from aside, as nothing but a command of the program may while it runs: stop it before.
    /// - Parameter values: texts, one for each `?` of the statement.
    func execute(_ statement: String, _ values: [String] = []) async throws {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.execute(sys.argv[2], sys.argv[3:])
            db.commit()
            """
        try await python(script, [statement] + values)
    }

    /// Makes many photos of one, which share its objects.
    /// - Parameter count: how many there are then.
    func multiply(_ photo: String, to count: Int) async throws {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.row_factory = sqlite3.Row
            photo, count = sys.argv[2], int(sys.argv[3])
            def another(row, number):
                new = dict(row)
                for column in ("id", "original_id"):
                    if column in new: new[column] = photo[:30] + f"{number:06x}"
                if "filename" in new: new.update(filename=f"IMG_{number:05}.JPG", sha256=row["sha256"][:58] + f"{number:06x}")
                return list(new.values())
            for table in ("photos", "renditions"):
                for row in db.execute(f"SELECT * FROM {table} WHERE original_id = ?", [photo]).fetchall():
                    places = ", ".join("?" * len(row.keys()))
                    db.executemany(f"INSERT INTO {table} VALUES ({places})", (another(row, n) for n in range(1, count)))
            db.commit()
            """
        try await python(script, [photo, String(count)])
    }

    private func python(_ script: String, _ arguments: [String]) async throws {
        _ = try await Tool("python3").output(["-c", script, data + "/lumiere.sqlite"] + arguments)
    }

    /// Makes the original of a photo as long as that, with zeros; its other facts stay.
    /// - Returns: the path of its file.
    func lengthen(_ photo: String, to size: Int) async throws -> String {
        let path = "\(data)/objects/originals/\(photo.suffix(4).prefix(2))/\(photo.suffix(2))/\(photo)"
        guard truncate(path, off_t(size)) == 0 else { throw Tool.Failure(description: "\(path): \(errno)") }
        try await execute("UPDATE photos SET size = CAST(? AS INTEGER) WHERE original_id = ?", [String(size), photo])
        return path
    }

    // MARK: Memory

    /// Forgets the most that it has held so far.
    /// - Returns: bytes that it holds.
    func forgetPeakMemory() throws -> Int {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
        return try memory("VmRSS")
    }

    /// Bytes that it has held at most since then.
    func peakMemory() throws -> Int { try memory("VmHWM") }

    /// Bytes that it holds.
    func memory() throws -> Int { try memory("VmRSS") }

    /// Time that the process has spent computing.
    func processorTime() throws -> Duration {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name of the program may have blanks in it; what follows it may not.
        let fields = (text.split(separator: ")").last ?? "").split(separator: " ")
        let ticks = fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
        return .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }

    private func memory(_ field: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(field):") }
        guard let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw Tool.Failure(description: "no \(field) of \(pid)")
        }
        return kibibytes << 10
    }
}
