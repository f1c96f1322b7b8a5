import Foundation

/// A Redis Sentinel of a test's own that decides alone and quickly.
public final class LocalSentinel: Sendable {
    public let port: Int
    private let folder: TemporaryFolder
    private let child: Child

    /// Starts it and waits until it knows the master and one replica.
    /// - Parameters:
    ///   - name: what it calls the master.
    ///   - port: the master's.
    public init(watching name: String, on masterPort: Int) async throws {
        port = try LocalRedis.freePort()
        folder = try TemporaryFolder("sentinel")
        let configuration = """
            port \(port)
            bind 127.0.0.1
            dir \(folder.path)
            sentinel monitor \(name) 127.0.0.1 \(masterPort) 1
            sentinel down-after-milliseconds \(name) 1000
            sentinel failover-timeout \(name) 5000
            """
        let file = folder.file("sentinel.conf")
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: file))
        let log = folder.file("log")
        child = try Child(try Tool("redis-server").path, [file, "--sentinel"], output: log, errors: log)
        _ = try await eventually("a sentinel that knows a replica", within: .seconds(30)) {
            let replicas = try await Tool("redis-cli").run(["-p", String(self.port), "SENTINEL", "replicas", name]).out
            return replicas.contains("127.0.0.1") ? true : nil
        }
    }
}
