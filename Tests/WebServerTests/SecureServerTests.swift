import Core
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
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: "h2")
            try await client.askWithoutWindow()
            let types = await client.types(until: 3)
            #expect(types.contains(1) && types.last == 3, "\(types)")
            client.close()
        }
    }

    @Test("a stream whose client takes it slowly is not reset")
    func slowStream() async throws {
        let chunk = Route.open(.get, "/") { _ in Reply(.ok, body: .init(byteBuffer: ByteBuffer(repeating: 120, count: 80_000))) }
        let configure: (inout WebServerConfiguration) -> Void = {
            ($0.limits.writeStall, $0.limits.idle) = (.milliseconds(400), .milliseconds(400))
        }
        let server = try await SecureServer()
        try await server.run([chunk], configure: configure) { port in
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: "h2")
            try await client.askWithoutWindow()
            #expect(await client.types(until: 1).last == 1)
            // As much as the window of the connection holds.
            for _ in 0..<3 {
                // A reader's pace: within the limit, and altogether far beyond it.
                try await Task.sleep(for: .milliseconds(250))
                try await client.open(16_384)
                #expect(await client.types(until: 0).last == 0)
            }
            client.close()
        }
    }

    @Test("an answer may take longer than a handshake", arguments: ["--http1.1", "--http2"])
    func longAnswer(version: String) async throws {
        let slow = Route.open(.get, "/slow") { _ in
            Reply(.ok, body: .init { writer in
                for _ in 0..<4 {
                    try await writer.write(ByteBuffer(string: "."))
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await writer.finish(nil)
            })
        }
        let server = try await SecureServer()
        try await server.run([slow], configure: { $0.limits.head = .milliseconds(150) }) { port in
            let said = try await server.curl(port, [version], path: "/slow")
            #expect(said == "....")
        }
    }

    @Test("who is refused while still sending learns why", arguments: ["--http1.1", "--http2"])
    func early(version: String) async throws {
        let refusing = Route.open(.post, "/refuse", body: .stream(contentType: "*/*")) { _ in throw Problem.tooLarge("No more.") }
        let folder = try TemporaryFolder("body")
        try Data(count: 3_000_000).write(to: URL(fileURLWithPath: folder.file("body")))
        let server = try await SecureServer()
        try await server.run([refusing]) { port in
            let arguments = [version, "--data-binary", "@" + folder.file("body"), "--header", "Expect:"]
            let said = try await server.curl(port, arguments + ["--write-out", "%{http_code}"], path: "/refuse")
            #expect(said.contains("No more.") && said.hasSuffix("413"))
        }
    }

    @Test("who agrees to HTTP/2 and speaks something else, or nothing, is cut", arguments: [
        Array(repeating: UInt8(ascii: "x"), count: 100), [], SecureClient.preface,
    ])
    func silence(bytes: [UInt8]) async throws {
        let server = try await SecureServer()
        try await server.run([Self.hello], configure: { $0.limits.head = .milliseconds(300) }) { port in
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: "h2")
            if !bytes.isEmpty { try await client.send(bytes) }
            _ = await client.types(until: nil)
        }
    }

    @Test("an idle connection of HTTP/2 is closed")
    func idle() async throws {
        let server = try await SecureServer()
        let root = Route.open(.get, "/") { _ in Reply(.noContent) }
        try await server.run([root], configure: { $0.limits.idle = .milliseconds(200) }) { port in
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: "h2")
            try await client.askWithoutWindow()
            let types = await client.types(until: nil)
            #expect(types.contains(1) && types.contains(7), "\(types)")
        }
    }

    @Test("an upgrade over TLS gets the bytes that came early")
    func upgrade() async throws {
        let server = try await SecureServer()
        try await server.run([], upgrader: Shouting()) { port in
            let client = try await SecureClient(port: port, authority: server.certificates.authority, version: "http/1.1")
            let request = "GET /shout HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\nearly "
            try await client.send(Array(request.utf8))
            let text = await client.text(until: "EARLY ")
            #expect(text.hasPrefix("HTTP/1.1 101") && text.hasSuffix("EARLY "))
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
