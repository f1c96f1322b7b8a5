import Foundation

/// A Python of its own with packages from the package index: clients and servers that others wrote.
public struct PythonPackages: Sendable {
    private let python: Once<String?>

    /// - Parameters:
    ///   - folder: where the environment lies; it is kept from run to run.
    ///   - packages: what is installed into it.
    ///   - modules: what can be imported once it is.
    public init(folder: String, packages: [String], modules: [String]) {
        python = Once { try? await Self.make(folder, packages, modules) }
    }

    /// The interpreter; `nil` when it cannot be had, as without a package index.
    public func interpreter() async -> String? { try? await python.value }

    private static func make(_ folder: String, _ packages: [String], _ modules: [String]) async throws -> String? {
        let python = folder + "/bin/python"
        if try await has(modules, python) { return python }
        _ = try await Tool("python3").output(["-m", "venv", folder], within: .seconds(90))
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages
        _ = try await Tool(python).output(install, within: .seconds(180))
        return try await has(modules, python) ? python : nil
    }

    private static func has(_ modules: [String], _ python: String) async throws -> Bool {
        guard FileManager.default.isExecutableFile(atPath: python) else { return false }
        return try await Tool(python).run(["-c", "import " + modules.joined(separator: ", ")]).status == 0
    }
}
