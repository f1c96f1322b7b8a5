import Foundation
import TestSupport

/// The program `conformance-server`, one for all tests.
enum ConformanceServer {
    private struct Running: Sendable {
        var child: Child
        var folder: TemporaryFolder
        var port: Int
    }

    private static let running = Once<Running> {
        let folder = try TemporaryFolder("conformance")
        let child = try Child(binary, ["--port", "0"], output: folder.file("out"), errors: folder.file("err"))
        let port = try await eventually("the server to start", every: .milliseconds(20)) { () -> Int? in
            if let ending = child.ending { throw Tool.Failure(description: "the server did not start: \(ending)") }
            let out = try? String(contentsOfFile: folder.file("out"), encoding: .utf8)
            return out?.split(separator: "\n").first?.split(separator: " ").last.flatMap { Int($0) }
        }
        return Running(child: child, folder: folder, port: port)
    }

    static var port: Int { get async throws { try await running.value.port } }

    /// Built beside these tests, or named by `LUMIERE_CONFORMANCE_BINARY`.
    private static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["LUMIERE_CONFORMANCE_BINARY"] { return path }
        let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..").standardizedFileURL
        let candidates = [
            beside.appendingPathComponent("conformance-server").path,
            package.appendingPathComponent(".build/debug/conformance-server").path,
        ]
        return candidates.first(where: FileManager.default.isExecutableFile(atPath:)) ?? candidates[1]
    }()
}
