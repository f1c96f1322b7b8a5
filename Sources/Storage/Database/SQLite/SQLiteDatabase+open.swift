import Core
import Foundation
import GRDB
import Glibc

// Who checkpoints
//
// SQLite before 3.51.3 has the WAL-reset bug (sqlite.org/wal.html#walresetbug): a checkpoint that starts when the whole
// WAL is already in the database file, while another connection begins the WAL anew, marks frames as copied that were
// not, and they are lost. It needs a checkpoint that has nothing to do. Hence these rules:
//
// 1. Only the owner's writer connection checkpoints while others are connected, and only as SQLite's automatic
//    checkpoint: straight after a commit of its own, whose frames nobody else can have copied.
// 2. Readers and guests have `wal_autocheckpoint = 0`.
// 3. A connection also checkpoints when it closes, but SQLite does that only for the last connection of all processes,
//    under an exclusive lock on the file; every open connection holds a shared lock that forbids it. So a guest that
//    closes beside a running server does nothing, and one that was alone leaves a tidy file behind.
//    (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE would say the same; it is variadic and not callable from Swift.)

extension SQLiteDatabase {
    /// Opens a file, creating it (readable by its owner only) and its folder when they are missing.
    /// - Throws: `DatabaseError.failed` when the file cannot be opened or is not a database.
    public static func open(
        _ path: String, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> SQLiteDatabase {
        try await onOwnThread {
            try createFile(at: path)
            let pool = try retryingWhileBusy(for: configuration.writeDeadline) {
                try DatabasePool(path: path, configuration: connections(configuration))
            }
            // GRDB sets NORMAL, which may forget the last commits in a power cut; FULL syncs the WAL at each commit.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return SQLiteDatabase(pool: pool, configuration: configuration)
        }
    }

    private static func createFile(at path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Core.DatabaseError.failed(code: "open", message: "cannot create folder \(folder.path)", statement: "")
        }
        // SQLite gives the -wal and -shm files the same permissions. A file that exists must not be opened here: closing any
        // descriptor of it would drop the locks that this process's connections hold (POSIX advisory locks).
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
        } else if errno != EEXIST {
            throw Core.DatabaseError.failed(
                code: "open", message: "\(path): \(String(cString: strerror(errno)))", statement: "")
        }
    }

    private static func connections(_ configuration: SQLiteConfiguration) -> GRDB.Configuration {
        var connections = GRDB.Configuration()
        connections.label = "lumiere.database"
        connections.journalMode = .wal
        connections.foreignKeysEnabled = true
        connections.busyMode = .timeout(Double(configuration.busyTimeout.milliseconds) / 1000)
        connections.maximumReaderCount = configuration.readers
        let role = configuration.role
        connections.prepareDatabase { connection in
            let checkpoints = role == .owner && !connection.configuration.readonly
            // 1000 pages are 4 MiB; the WAL file is cut back to 64 MiB if a long read ever made it larger.
            try connection.execute(sql: """
                PRAGMA mmap_size = 0;
                PRAGMA wal_autocheckpoint = \(checkpoints ? 1000 : 0);
                PRAGMA journal_size_limit = 67108864;
                PRAGMA trusted_schema = OFF;
                """)
        }
        return connections
    }
}

/// Repeats blocking work until it is no longer refused with SQLITE_BUSY. Only for a thread of one's own.
func retryingWhileBusy<Value>(for limit: Duration, _ work: () throws -> Value) throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        do {
            return try work()
        } catch let error as GRDB.DatabaseError where error.resultCode == .SQLITE_BUSY && .now < deadline {
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}
