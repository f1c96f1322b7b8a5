import Foundation
import TestSupport

/// A stock program that makes requests out of an OpenAPI document and compares the answers with it, and one that checks documents.
enum FuzzVenv {
    private static let packages = PythonPackages(
        folder: Place.repository.appendingPathComponent(".build/fuzz-venv").path,
        packages: ["schemathesis", "openapi-spec-validator"],
        modules: ["schemathesis", "openapi_spec_validator", "openapi_schema_validator"])

    /// The interpreter; `nil` when it cannot be had, as without a package index.
    static func python() async -> String? { await packages.interpreter() }
}

/// Somebody who asks a server for everything in its document.
struct DocumentFuzz: Sendable {
    let python: String
    let server: ServerProcess
    /// Asked about by numbers that are there, too: made up ones are nobody's.
    let shoot: Shoot
    let photo: String
    let folder: TemporaryFolder

    /// What every answer must be.
    private static let checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance", "unsupported_method", "allow_header_conformance", "ignored_auth",
    ]

    /// Streams that do not end by themselves have suites of their own; signing out would end whoever asks.
    private static let excluded = ["--exclude-path-regex", "^/(socket.io|ws)|/events$", "--exclude-path", "/api/auth/logout"]

    init(_ python: String, _ server: ServerProcess) async throws {
        (self.python, self.server, folder) = (python, server, try TemporaryFolder("fuzz"))
        shoot = try await Shoot.begin(try server.newcomer())
        photo = try await shoot.upload(Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 0), as: "one.jpg")
        _ = try await shoot.settled(photo)
        try Data(Self.hooks.utf8).write(to: URL(fileURLWithPath: folder.file("lumiere_hooks.py")))
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("fuzz.toml")))
    }

    /// - Parameter token: of who asks; `nil` for a stranger.
    /// - Returns: what was printed when anything was found; `nil` for nothing.
    func run(as token: String?, _ amount: [String], within limit: Duration) async throws -> String? {
        let header = token.map { ["--header", "Authorization: Bearer \($0)"] } ?? []
        let words =
            ["--chdir=\(folder.path)", "PYTHONPATH=\(folder.path)", "SCHEMATHESIS_HOOKS=lumiere_hooks", "HOME=\(folder.path)", python, "-m", "schemathesis.cli"]
            + ["--config-file", folder.file("fuzz.toml"), "run", server.url + "/openapi.json", "--checks", Self.checks.joined(separator: ",")]
            + ["--request-timeout", "60", "--no-color", "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"]
            + ["--generation-database", "none"] + Self.excluded + header + amount
        let output = try await Tool("env").run(words, within: limit)
        return output.status == 0 ? nil : "\(output.status): \(output.out.suffix(12_000))\n\(output.err.suffix(2000))"
    }

    /// Bodies of uploads are any bytes.
    private static let hooks = """
        import schemathesis

        @schemathesis.serializer("application/offset+octet-stream")
        def octets(context, value):
            return value if isinstance(value, bytes) else str(getattr(value, "data", value)).encode()

        """

    private var configuration: String {
        """
        [[operations]]
        include-path-regex = '^/api/sessions/\\{id\\}'
        exclude-path = '/api/sessions/{id}'
        [operations.parameters]
        'path.id' = '\(shoot.id)'
        [[operations]]
        include-path = '/api/sessions/{id}'
        include-method = ['GET', 'PUT']
        [operations.parameters]
        'path.id' = '\(shoot.id)'
        [[operations]]
        include-path-regex = '^/api/photos/\\{id\\}'
        exclude-method = 'DELETE'
        [operations.parameters]
        'path.id' = '\(photo)'

        """
    }
}
