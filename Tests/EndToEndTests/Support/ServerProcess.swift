import Core
import Foundation
import Glibc
import Synchronization
import TestSupport

/// A real server with a data folder of its own.
final class ServerProcess: Sendable {
    let folder: TemporaryFolder
    private let running: Mutex<(child: Child, url: String)>
    private let options: [String]
    private let variables: [String: String]

    private init(
        folder: TemporaryFolder, options: [String], variables: [String: String], child: Child, url: String
    ) {
        self.folder = folder
        self.options = options
        self.variables = variables
        self.running = Mutex((child, url))
    }

    /// Starts a server on a free port and waits until it accepts connections.
    /// - Parameters:
    ///   - webRoot: of other pages than the program's.
    ///   - variables: of its environment, besides those of these tests.
    static func start(
        _ options: [String] = [], webRoot: String = Place.webRoot, variables: [String: String] = [:]
    ) async throws -> ServerProcess {
        let folder = try TemporaryFolder("server")
        let options = ["--web-root", webRoot] + options
        let (child, url) = try await launch(folder, port: 0, options, variables)
        logs.withLock { $0.append(folder.file("log")) }
        return ServerProcess(folder: folder, options: options, variables: variables, child: child, url: url)
    }

    var url: String { running.withLock { $0.url } }
    var port: Int { URL(string: url)?.port ?? 0 }
    var pid: pid_t { running.withLock { $0.child.pid } }
    private var child: Child { running.withLock { $0.child } }
    var data: String { folder.file("data") }

    /// Without a token.
    var api: API { API(base: url) }

    // MARK: Its end and its return

    /// Ends it as a power cut of the process would.
    func kill9() async throws {
        child.signal(SIGKILL)
        _ = try await child.ended(within: .seconds(10))
    }

    /// Tells it something that it goes on after.
    func signal(_ number: Int32) { child.signal(number) }

    /// Asks it to end.
    /// - Returns: how it ended.
    @discardableResult
    func terminate(within limit: Duration = .seconds(15)) async throws -> Child.Ending {
        child.signal(SIGTERM)
        return try await child.ended(within: limit)
    }

    /// Starts it again on the same data and the same port.
    /// - Parameter changes: of its environment, from what it was started with.
    func restart(_ changes: [String: String] = [:]) async throws {
        let (child, url) = try await Self.launch(folder, port: port, options, variables.merging(changes) { _, own in own })
        running.withLock { $0 = (child, url) }
    }

    /// The decoder processes that work on its data, whoever their parent is by now: its own, and what one that was killed has
    /// left behind.
    func decoders() -> [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(pid_t.init).filter { pid in
            // Empty for a process that has ended and not been waited for.
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first?.hasSuffix("/lumiere-decode") == true && words.contains { $0.hasPrefix(folder.path + "/") }
        }
    }

    /// Waits until no decoder works on its data.
    func decodersGone(within limit: Duration = .seconds(15)) async throws {
        try await eventually("every decoder to end", within: limit) { decoders().isEmpty ? () : nil }
    }

    private static func launch(
        _ folder: TemporaryFolder, port: Int, _ options: [String], _ variables: [String: String]
    ) async throws -> (child: Child, url: String) {
        let ready = folder.file("ready.json")
        try? FileManager.default.removeItem(atPath: ready)
        let arguments = [
            "serve", "--host", "127.0.0.1", "--port", String(port), "--data", folder.file("data"), "--ready-file", ready,
        ]
        let child = try Child(
            Place.binary, arguments + options,
            environment: environment.merging(variables) { _, own in own }, output: folder.file("out"),
            errors: folder.file("log"))
        let url = try await eventually("the server to start", every: .milliseconds(20)) { () -> String? in
            if let ending = child.ending { throw Tool.Failure(description: "the server did not start: \(ending)") }
            guard let data = FileManager.default.contents(atPath: ready) else { return nil }
            return try JSON.decode(JSONValue.self, from: data)["url"]?.stringValue
        }
        return (child, url)
    }

    /// What the caller's shell sets for a server of its own must not reach this one.
    private static let environment = ProcessInfo.processInfo.environment
        .filter { !$0.key.hasPrefix("LUMIERE_") }.merging(House.settings) { _, own in own }

    // MARK: Logs

    private static let logs = Mutex<[String]>([])

    /// Prints the ends of the logs of all servers that still have one.
    static func printLogs() {
        for path in logs.withLock({ $0 }) {
            guard let log = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
            let lines = log.split(separator: "\n").suffix(40)
            print("--- \(path), the last \(lines.count) lines\n\(lines.joined(separator: "\n"))\n---")
        }
    }
}
