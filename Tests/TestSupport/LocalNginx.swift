import Foundation
import Glibc

/// An nginx of a test's own, on a free port of the loopback interface.
public final class LocalNginx: Sendable {
    /// Whether the program is there; Debian has it in a folder that is not on everybody's search path.
    public static var program: String? {
        Tool.program("nginx") ?? ["/usr/sbin/nginx"].first(where: FileManager.default.isExecutableFile(atPath:))
    }

    public let port: Int
    private let folder: TemporaryFolder
    private let child: Child

    /// Starts it and waits until it listens.
    /// - Parameter server: what stands in its only server block.
    public init(server: String) async throws {
        port = try LocalRedis.freePort()
        folder = try TemporaryFolder("nginx")
        let configuration = folder.file("nginx.conf")
        try Self.text(port: port, server).write(toFile: configuration, atomically: true, encoding: .utf8)
        let log = folder.file("error.log")
        child = try Child(
            Self.program ?? "nginx", ["-p", folder.path, "-c", configuration, "-e", "stderr"], output: log, errors: log)
        try await eventually("nginx on port \(port)", within: .seconds(20)) { [port, child] in
            if let ending = child.ending { throw Tool.Failure(description: "nginx: \(ending), see \(log)") }
            return Self.isListening(port) ? () : nil
        }
    }

    /// What it has complained of.
    public var log: String { (try? String(contentsOfFile: folder.file("error.log"), encoding: .utf8)) ?? "" }

    /// One process: workers of a master would outlive it when it is killed and, started by root, be somebody else, who could not read
    /// the files of a test.
    private static func text(port: Int, _ server: String) -> String {
        """
        daemon off;
        pid nginx.pid;
        master_process off;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            server {
                listen 127.0.0.1:\(port);
                \(server)
            }
        }
        """
    }

    private static func isListening(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
