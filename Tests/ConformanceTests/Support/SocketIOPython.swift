import Foundation
import TestSupport

/// A Python with the stock clients of Engine.IO and Socket.IO.
enum SocketIOPython {
    private static let packages = PythonPackages(
        folder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../.build/socketio-venv")
            .standardizedFileURL.path,
        packages: ["python-socketio", "aiohttp"], modules: ["socketio", "engineio", "aiohttp"])

    /// `nil` when it cannot be had, as without a package index.
    static func interpreter() async -> String? { await packages.interpreter() }

    /// Runs a script with the server's address and some words; returns what it prints.
    static func run(_ script: String, _ words: [String] = []) async throws -> String {
        guard let python = await interpreter() else { throw Tool.Failure(description: "there is no python-socketio") }
        let url = "http://127.0.0.1:\(try await ConformanceServer.port)"
        return try await Tool(python).output(["-c", script, url] + words, within: .seconds(90))
    }
}
