import Foundation
import Glibc

/// OpenStack Swift with its S3 API, which verifies signatures: proxy, account, container and object server as plain
/// processes over a temporary folder. Ends with its last reference.
///
/// Needs Debian's `python3-swift`, the code without any service, and a file system with extended attributes.
public final class LocalSwiftS3: LocalS3 {
    public let endpoint: String
    public let bucket = "lumiere-tests"
    public let accessKey = "test:tester"
    public let secretKey = "testing"

    private let folder: TemporaryFolder
    private let children: [Child]

    /// Debian's interpreter; another one would not find the packages.
    private static let python = "/usr/bin/python3"

    /// Whether it is installed.
    public static var isAvailable: Bool {
        FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/swift/proxy/server.py")
    }

    public init() async throws {
        folder = try TemporaryFolder("swift")
        let devices = try await Self.devices(folder)
        var ports: [String: Int] = [:]
        for name in SwiftS3Files.servers { ports[name] = try LocalS3Tools.freePort() }
        for (name, text) in SwiftS3Files.all(in: folder.path, devices: devices, ports: ports, user: try Self.user()) {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
        }
        _ = try await Tool(Self.python).output([folder.file("prepare.py"), folder.path] + SwiftS3Files.rings(ports))
        var children: [Child] = []
        for name in SwiftS3Files.servers {
            let log = folder.file("\(name).log")
            let arguments = [folder.file("launch.py"), folder.path, name]
            children.append(try Child(Self.python, arguments, output: log, errors: log))
        }
        self.children = children
        let proxy = ports["proxy"] ?? 0
        endpoint = "http://127.0.0.1:\(proxy)"
        for (name, child) in zip(SwiftS3Files.servers, children) {
            try await LocalS3Tools.waitForListener(on: ports[name] ?? 0, of: child, log: folder.file("\(name).log"))
        }
        try await makeBucket()
    }

    /// What the servers have written.
    public var log: String {
        SwiftS3Files.servers.map { (try? String(contentsOfFile: folder.file("\($0).log"), encoding: .utf8)) ?? "" }.joined()
    }

    /// Through Swift's own API, whose buckets are containers.
    private func makeBucket() async throws {
        let curl = try Tool("curl")
        let login = ["-fsS", "-D", "-", "-o", "/dev/null", "-H", "X-Auth-User: \(accessKey)", "-H", "X-Auth-Key: \(secretKey)"]
        let answer = try await curl.output(login + ["\(endpoint)/auth/v1.0"])
        let token = answer.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("x-auth-token:") }
        guard let token else { throw Tool.Failure(description: "Swift gave no token: \(answer)") }
        _ = try await curl.output(["-fsS", "-X", "PUT", "-H", String(token), "\(endpoint)/v1/AUTH_test/\(bucket)"])
    }

    /// A folder with a device in it, on a file system with extended attributes: Swift keeps an object's metadata there.
    private static func devices(_ folder: TemporaryFolder) async throws -> String {
        let name = "lumiere-swift-\(UUID().uuidString.prefix(8))"
        let build = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../.build/\(name)")
        for path in [folder.file("devices"), "/var/tmp/\(name)", build.standardizedFileURL.path] {
            AtExit.owe(folder: path)
            try FileManager.default.createDirectory(atPath: path + "/d1", withIntermediateDirectories: true)
            let test = ["-c", "import os, sys; os.setxattr(sys.argv[1], 'user.swift.test', b'1')", path]
            if try await Tool(python).run(test).status == 0 { return path }
            try FileManager.default.removeItem(atPath: path)
        }
        throw Tool.Failure(description: "Swift needs a file system with extended attributes")
    }

    private static func user() throws -> String {
        guard let entry = getpwuid(geteuid()) else { throw Tool.Failure(description: "no user name") }
        return String(cString: entry.pointee.pw_name)
    }
}
