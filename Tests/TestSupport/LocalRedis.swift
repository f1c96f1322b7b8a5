import Foundation
import Glibc
import Synchronization

/// A Redis server of a test's own, on a free port of the loopback interface.
public final class LocalRedis: Sendable {
    /// How it is started.
    public struct Options: Sendable {
        public var password: String?
        public var isTLS = false
        /// Whether every write survives a kill; otherwise a restart begins with nothing.
        public var isPersistent = false
        /// The port of the server to follow as a replica.
        public var masterPort: Int?

        public init(password: String? = nil, isTLS: Bool = false, isPersistent: Bool = false, masterPort: Int? = nil) {
            self.password = password
            self.isTLS = isTLS
            self.isPersistent = isPersistent
            self.masterPort = masterPort
        }
    }

    /// Whether the server program is there.
    public static var isInstalled: Bool { Tool.program("redis-server") != nil && Tool.program("redis-cli") != nil }

    public let port: Int
    /// With TLS: who to trust.
    public let certificates: TestCertificates?
    private let options: Options
    private let folder: TemporaryFolder
    private let child = Mutex<Child?>(nil)

    /// Starts it and waits until it answers.
    public init(_ options: Options = Options()) async throws {
        self.options = options
        port = try Self.freePort()
        folder = try TemporaryFolder("redis")
        certificates = options.isTLS ? try await TestCertificates(in: folder) : nil
        try await start()
    }

    /// What a client is configured with.
    public var url: String {
        let login = options.password.map { ":\($0)@" } ?? ""
        return "\(options.isTLS ? "rediss" : "redis")://\(login)127.0.0.1:\(port)"
    }

    /// Starts it again on the same port and folder.
    public func start() async throws {
        let log = folder.file("log")
        let server = try Child(try Tool("redis-server").path, arguments, output: log, errors: log)
        child.withLock { $0 = server }
        _ = try await eventually("redis on port \(port)", within: .seconds(20)) {
            try await self.cli("PING").hasPrefix("PONG") ? true : nil
        }
    }

    /// Ends it as an operator would.
    public func stop() async throws {
        _ = try await cli("SHUTDOWN", "NOSAVE")
        try await ended()
    }

    /// Ends it as a power cut would.
    public func kill() async throws {
        child.withLock { $0 }?.signal(SIGKILL)
        try await ended()
    }

    /// Lets it hang, with its connections open, until `resume`.
    public func pause() { child.withLock { $0 }?.signal(SIGSTOP) }

    public func resume() { child.withLock { $0 }?.signal(SIGCONT) }

    /// What redis-cli prints for a command.
    public func cli(_ command: String...) async throws -> String {
        var arguments = ["-p", String(port)]
        if let password = options.password { arguments += ["--no-auth-warning", "-a", password] }
        if let certificates { arguments += ["--tls", "--cacert", certificates.authority] }
        return try await Tool("redis-cli").run(arguments + command).out
    }

    private var arguments: [String] {
        var arguments = [
            "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--appendonly", options.isPersistent ? "yes" : "no",
            "--appendfsync", "always", "--repl-diskless-sync-delay", "0",
        ]
        if let certificates {
            arguments += [
                "--port", "0", "--tls-port", String(port), "--tls-cert-file", certificates.certificate,
                "--tls-key-file", certificates.key, "--tls-ca-cert-file", certificates.authority, "--tls-auth-clients", "no",
            ]
        } else {
            arguments += ["--port", String(port)]
        }
        if let password = options.password { arguments += ["--requirepass", password, "--masterauth", password] }
        if let master = options.masterPort { arguments += ["--replicaof", "127.0.0.1", String(master)] }
        return arguments
    }

    private func ended() async throws {
        guard let server = child.withLock({ $0 }) else { return }
        _ = try await server.ended(within: .seconds(10))
        child.withLock { $0 = nil }
    }

    /// A port that was free a moment ago.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw Tool.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
