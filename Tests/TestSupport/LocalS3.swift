import Foundation
import Glibc

/// An S3 server on loopback, with a bucket.
public protocol LocalS3: Sendable {
    /// `http://127.0.0.1:port`.
    var endpoint: String { get }
    var bucket: String { get }
    var accessKey: String { get }
    var secretKey: String { get }
}

enum LocalS3Tools {
    /// A TCP port of loopback that nobody listens on.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard result else { throw Tool.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Waits until somebody listens on the port.
    static func waitForListener(on port: Int, of child: Child, log: String) async throws {
        try await eventually("a listener on port \(port)", within: .seconds(40)) {
            if let ending = child.ending {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                throw Tool.Failure(description: "the server on port \(port) ended: \(ending) \(text.suffix(2000))")
            }
            return isListening(port) ? () : nil
        }
    }

    private static func isListening(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return address
    }
}
