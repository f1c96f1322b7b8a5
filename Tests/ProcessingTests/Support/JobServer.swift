import Core
import Hummingbird
import Logging
import NIOPosix
import TestSupport
import WebServer

/// A real web server with some routes, on a port of its own.
struct JobServer: Sendable {
    struct Answer: Sendable {
        var status: Int
        var json: JSONValue
    }

    private let port: Int

    static func serving(_ routes: RouteTable, _ body: @escaping @Sendable (JobServer) async throws -> Void) async throws {
        var configuration = WebServerConfiguration()
        configuration.port = 0
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = WebServer.makeApplication(
            configuration, routes: routes, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { port in announce.yield(port) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            defer { group.cancelAll() }
            try await within(.seconds(45)) {
                for await port in ports { return try await body(JobServer(port: port)) }
            }
        }
    }

    func ask(_ method: String, _ path: String, as bearer: String?) async throws -> Answer {
        var arguments = ["-sS", "-X", method, "-w", "\n%{http_code}", "http://127.0.0.1:\(port)\(path)"]
        if let bearer { arguments += ["-H", "Authorization: Bearer \(bearer)"] }
        let lines = try await Tool("curl").output(arguments).split(separator: "\n", omittingEmptySubsequences: false)
        let body = lines.dropLast().joined(separator: "\n")
        return Answer(status: lines.last.flatMap { Int($0) } ?? 0, json: body.isEmpty ? .null : try JSON.decode(from: body))
    }
}
