import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TestSupport
import Testing

@testable import WebServer

@Suite(
    "TLS and HTTP/2", .enabled(if: Tool.program("curl") != nil && Tool.program("openssl") != nil, "curl or openssl is not installed"))
struct SecureServerTests {
    private static let hello = Route.open(.get, "/hello") { call in
        .bytes(Data("hello from \(call.baseURL)".utf8), type: "text/plain")
    }
    private static let count = Route.open(.post, "/count", body: .stream(contentType: "application/octet-stream")) { call in
        await call.acceptBody()
        var (bytes, sum) = (0, 0)
        for try await part in call.request.body {
            bytes += part.readableBytes
            sum = part.readableBytesView.reduce(sum) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
        }
        return .bytes(Data("\(bytes) \(sum)".utf8), type: "text/plain")
    }
    private static let version = ["--write-out", " HTTP/%{http_version}"]

    @Test("a client gets the version it asks for, over TLS", arguments: [
        (["--http2"], "2"), (["--http1.1"], "1.1"), (["--no-alpn", "--http1.1"], "1.1"), (["--tls-max", "1.2", "--http2"], "2"),
    ])
    func versions(arguments: [String], version: String) async throws {
        let server = try await SecureServer()
        try await server.run([Self.hello]) { port in
            let said = try await server.curl(port, arguments + Self.version)
            #expect(said == "hello from https://localhost:\(port) HTTP/\(version)")
        }
    }

    @Test("TLS before 1.2, and no TLS, get no answer", arguments: [["--tlsv1.0", "--tls-max", "1.1"], ["--http0.9"]])
    func refused(arguments: [String]) async throws {
        let server = try await SecureServer()
        try await server.run([Self.hello]) { port in
            let scheme = arguments == ["--http0.9"] ? "http" : "https"
            let all = ["--silent", "--cacert", server.certificates.authority] + arguments + ["\(scheme)://localhost:\(port)/hello"]
            let output = try await Tool("curl").run(all)
            #expect(output.status != 0 && output.out.isEmpty)
        }
    }

    @Test("a body arrives whole, with and without an invitation to send it", arguments: ["--http2", "--http1.1"], ["", "100-continue"])
    func upload(version: String, expectation: String) async throws {
        let server = try await SecureServer()
        let folder = try TemporaryFolder("body")
        let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("body")))
        let sum = bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
        try await server.run([Self.count]) { port in
            let arguments = [version, "--data-binary", "@" + folder.file("body"), "--header", "Expect: \(expectation)"]
            let said = try await server.curl(port, arguments, path: "/count")
            #expect(said == "\(bytes.count) \(sum)")
        }
    }

    @Test("many requests share a connection of HTTP/2")
    func multiplexed() async throws {
        let server = try await SecureServer()
        try await server.run([Self.hello]) { port in
            let url = "https://localhost:\(port)/hello"
            let said = try await Tool("curl").output(
                ["--silent", "--cacert", server.certificates.authority, "--http2", "--parallel", "--write-out", "|%{num_connects}|"]
                    + (0..<30).map { _ in url })
            #expect(said.components(separatedBy: "hello from").count == 31)
            #expect(said.components(separatedBy: "|1|").count <= 3)
        }
    }

    @Test("a stream whose client opens no window is reset")
    func stalledStream() async throws {
        let endless = Route.open(.get, "/") { _ in
            Reply(.ok, body: .init { writer in
                while true { try await writer.write(ByteBuffer(repeating: 120, count: 1 << 16)) }
            })
        }
        let server = try await SecureServer()
        try await server.run([endless], configure: { $0.limits.writeStall = .milliseconds(300) }) { port in
            let client = try await FrameClient(port: port, authority: server.certificates.authority)
            try await client.askWithoutWindow()
            let types = await client.types(until: 3)
            #expect(types.contains(1) && types.last == 3, "\(types)")
            client.close()
        }
    }

    @Test("a client that does not shake hands is cut")
    func slowHandshake() async throws {
        let server = try await SecureServer()
        try await server.run([Self.hello], configure: { $0.limits.head = .milliseconds(200) }) { port in
            let client = try await RawClient(port: port)
            try await client.closed()
        }
    }

    @Test("a renewed certificate is shown to new connections, and one that cannot be read is not")
    func renewal() async throws {
        let server = try await SecureServer()
        let folder = try TemporaryFolder("renewed")
        let renewed = try await TestCertificates(in: folder)
        try await server.run([Self.hello]) { port in
            func replace(_ certificate: String) throws {
                try Data(contentsOf: URL(fileURLWithPath: certificate)).write(to: URL(fileURLWithPath: server.certificates.certificate))
            }
            try replace(renewed.certificate)
            #expect(throws: TLSFiles.Failure.self) { try server.certificate.reload() }
            let first = try await server.curl(port, [])
            #expect(first.hasPrefix("hello"))
            try Data(contentsOf: URL(fileURLWithPath: renewed.key)).write(to: URL(fileURLWithPath: server.certificates.key))
            try server.certificate.reload()
            await #expect(throws: (any Error).self) { try await server.curl(port, []) }
            let said = try await Tool("curl").output(["--silent", "--cacert", renewed.authority, "https://localhost:\(port)/hello"])
            #expect(said.hasPrefix("hello"))
        }
    }
}
