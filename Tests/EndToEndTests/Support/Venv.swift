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

/// The stock client of Socket.IO for browsers. The package index has it within a package for Python.
enum SocketIOScript {
    private static let folder = Place.repository.appendingPathComponent(".build/socketio-script").path
    private static let file = Once<String?> { try? await fetch() }

    /// The path of the script; `nil` when it cannot be had, as without a package index.
    static func path() async -> String? { try? await file.value }

    private static func fetch() async throws -> String {
        let script = folder + "/socket.io.min.js"
        if FileManager.default.fileExists(atPath: script) { return script }
        let python = try Tool("python3")
        _ = try await python.output(
            ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", folder, "nicegui"],
            within: .seconds(180))
        let unpack = """
            import glob, os, sys, zipfile
            folder, script = sys.argv[1:]
            with zipfile.ZipFile(glob.glob(folder + "/nicegui-*.whl")[0]) as package:
                with open(script + ".part", "wb") as file: file.write(package.read("nicegui/static/socket.io.min.js"))
            os.rename(script + ".part", script)
            """
        _ = try await python.output(["-c", unpack, folder, script])
        return script
    }
}
