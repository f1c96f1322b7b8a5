import Foundation

/// moto's S3: keeps everything in memory and believes every signature. Ends with its last reference.
public final class LocalMoto: LocalS3 {
    public let endpoint: String
    public let bucket = "lumiere-tests"
    public let accessKey = "test"
    public let secretKey = "test-secret"

    private let folder: TemporaryFolder
    private let child: Child

    private static let packages = PythonPackages(
        folder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../.build/moto-venv")
            .standardizedFileURL.path,
        packages: ["moto[server]"], modules: ["moto.server"])

    /// Whether it can be had; the first question may install it.
    public static var isAvailable: Bool { get async { await packages.interpreter() != nil } }

    public init() async throws {
        guard let python = await Self.packages.interpreter() else { throw Tool.Failure(description: "moto cannot be installed") }
        let port = try LocalS3Tools.freePort()
        folder = try TemporaryFolder("moto")
        endpoint = "http://127.0.0.1:\(port)"
        let log = folder.file("log")
        child = try Child(
            python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], output: log, errors: log)
        try await LocalS3Tools.waitForListener(on: port, of: child, log: log)
        _ = try await Tool("curl").output(["-fsS", "-X", "PUT", "\(endpoint)/\(bucket)"])
    }
}
