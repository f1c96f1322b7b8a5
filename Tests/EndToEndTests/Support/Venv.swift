import Foundation

/// A Python with the packages the tests use as further clients.
enum Venv {
    private static let packages = ["tuspy", "websockets"]
    private static let shared = Once { try? await make() }

    /// The interpreter; `nil` when it cannot be had, as without a package index.
    static func python() async -> String? { try? await shared.value }

    private static func make() async throws -> String? {
        let folder = Place.repository.appendingPathComponent(".build/e2e-venv").path
        let python = folder + "/bin/python"
        if try await hasPackages(python) { return python }
        _ = try await Tool("python3").output(["-m", "venv", folder], within: .seconds(90))
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages
        _ = try await Tool(python).output(install, within: .seconds(120))
        return try await hasPackages(python) ? python : nil
    }

    private static func hasPackages(_ python: String) async throws -> Bool {
        guard FileManager.default.isExecutableFile(atPath: python) else { return false }
        return try await Tool(python).run(["-c", "import tusclient, websockets"]).status == 0
    }
}
