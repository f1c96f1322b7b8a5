import Foundation
import TestSupport

/// A Python with the packages the tests use as further clients.
enum Venv {
    private static let packages = PythonPackages(
        folder: Place.repository.appendingPathComponent(".build/e2e-venv").path,
        packages: ["tuspy", "websockets", "requests"], modules: ["tusclient", "websockets", "requests"])

    /// The interpreter; `nil` when it cannot be had, as without a package index.
    static func python() async -> String? { await packages.interpreter() }
}

/// The same with the stock client of Socket.IO.
enum SocketIOVenv {
    private static let packages = PythonPackages(
        folder: Place.repository.appendingPathComponent(".build/socketio-venv").path,
        packages: ["python-socketio", "aiohttp"], modules: ["socketio", "engineio", "aiohttp"])

    /// The interpreter; `nil` when it cannot be had, as without a package index.
    static func python() async -> String? { await packages.interpreter() }
}
