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
