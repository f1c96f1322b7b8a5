import Foundation
import Glibc

/// A PostgreSQL server of the tests' own, on loopback, with its data in a temporary folder.
///
/// Nothing is synced to the disk: a killed server loses nothing that way, only a machine that loses power would.
public final class LocalPostgres: Sendable {
    /// One server for tests that do not stop it; started when it is first asked for.
    public static let shared = Once { try await LocalPostgres() }

    /// Whether the server's programs are installed.
    public static var isInstalled: Bool { binaries != nil }

    public let port: Int
    private let folder: TemporaryFolder
    private let programs: String
    private let process = Slot<Child?>(nil)
    private let databases = Slot(0)

    /// Makes a cluster and starts a server on it.
    /// - Parameters:
    ///   - settings: further settings of the server.
    ///   - hasTLS: whether it has a certificate, which nobody has signed.
    public init(settings: [String: String] = [:], hasTLS: Bool = false) async throws {
        guard let programs = Self.binaries else { throw Tool.Failure(description: "PostgreSQL is not installed") }
        self.programs = programs
        folder = try TemporaryFolder("postgres")
        port = try Self.freePort()
        try Self.giveAway(folder.path)
        let (initdb, arguments) = Self.unprivileged(
            programs + "/initdb",
            ["-D", folder.file("data"), "-U", "lumiere", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"])
        _ = try await Tool(initdb).output(arguments)
        var all = [
            "listen_addresses": "'127.0.0.1'", "port": "\(port)", "unix_socket_directories": "''", "fsync": "off",
            "shared_buffers": "32MB", "max_connections": "500", "dynamic_shared_memory_type": "mmap",
            "deadlock_timeout": "'50ms'",
        ]
        if hasTLS {
            try await makeCertificate()
            all["ssl"] = "on"
        }
        try write(all.merging(settings) { $1 })
        try await start()
    }

    deinit { process.value?.signal(SIGQUIT) }

    /// Makes an empty database.
    /// - Returns: its URL.
    public func freshDatabase() async throws -> String {
        let name = "test\(databases.change { $0 += 1; return $0 })"
        try await run("CREATE DATABASE \(name)")
        return url(of: name)
    }

    public func url(of database: String) -> String { "postgresql://lumiere@127.0.0.1:\(port)/\(database)" }

    /// Runs a command with the server's own client, and gives what it prints, a row a line.
    @discardableResult
    public func run(_ command: String, in database: String = "postgres") async throws -> String {
        try await Tool(programs + "/psql")
            .output(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(of: database), "-c", command])
    }

    /// Starts the server and waits until it takes connections; it may have been killed before.
    public func start() async throws {
        try await eventually("PostgreSQL to start") {
            // The processes of a killed server take a moment to notice; until then a new one refuses to start.
            if process.value?.ending != nil || process.value == nil { try launch() }
            let answer = try await Tool(programs + "/pg_isready").run(["-q", "-h", "127.0.0.1", "-p", "\(port)"])
            return answer.status == 0 ? () : nil
        }
    }

    /// Stops the server: sessions are ended, nothing is lost.
    public func stop() async throws { try await end(by: SIGINT) }

    public func restart() async throws {
        try await stop()
        try await start()
    }

    /// Kills the server without a chance to tidy up.
    public func kill9() async throws { try await end(by: SIGKILL) }

    /// Stops the server's processes as they are, or lets them go on: it looks as if the network were cut.
    public func freeze(_ isFrozen: Bool) {
        guard let pid = process.value?.pid else { return }
        for child in Self.children(of: pid) + [pid] { kill(child, isFrozen ? SIGSTOP : SIGCONT) }
    }

    private func end(by signal: Int32) async throws {
        guard let child = process.value else { return }
        child.signal(signal)
        _ = try await child.ended(within: .seconds(30))
        process.value = nil
    }

    private func launch() throws {
        let (program, arguments) = Self.unprivileged(programs + "/postgres", ["-D", folder.file("data")])
        let child = try Child(program, arguments, output: folder.file("log"), errors: folder.file("log"))
        process.value = child
        Farewell.owe(child.pid)
    }

    private func write(_ settings: [String: String]) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("data/postgresql.conf")))
        try file.seekToEnd()
        try file.write(contentsOf: Data(settings.map { "\($0.key) = \($0.value)\n" }.joined().utf8))
        try file.close()
    }

    private func makeCertificate() async throws {
        let (key, certificate) = (folder.file("data/server.key"), folder.file("data/server.crt"))
        _ = try await Tool("openssl").output([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out",
            certificate,
        ])
        chmod(key, 0o600)
        for file in [key, certificate] { try Self.giveAway(file) }
    }

    // MARK: The machine

    /// Debian keeps the programs off the search path, in a folder for each version.
    private static let binaries: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let folders = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
        let onPath = Tool.program("initdb").map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        return (folders + [onPath].compactMap { $0 }).first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
    }()

    /// The server refuses to run as root.
    private static func unprivileged(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        guard geteuid() == 0, let change = Tool.program("setpriv") else { return (program, arguments) }
        return (change, ["--reuid", "postgres", "--regid", "postgres", "--init-groups", program] + arguments)
    }

    private static func giveAway(_ path: String) throws {
        guard geteuid() == 0 else { return }
        guard let user = getpwnam("postgres"), chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw Tool.Failure(description: "there is no user postgres to run the server as")
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw Tool.Failure(description: "no free port") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }
}
