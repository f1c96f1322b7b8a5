import Foundation

/// An HTTP server on loopback that takes messages and answers them as planned: a Python program of its own.
public final class WebhookReceiver: Sendable {
    /// A message as it came.
    public struct Message: Decodable, Sendable {
        public let path: String
        /// By names in lower case.
        public let headers: [String: String]
        public let body: String
    }

    public let port: Int
    private let host: String
    private let folder: TemporaryFolder
    private let child: Child

    /// Whether it can run here.
    public static var isAvailable: Bool { Tool.program("python3") != nil }

    /// - Parameters:
    ///   - plan: what the first, second … message is answered by; the last holds for all further ones. A status, a status with
    ///     `Retry-After` (`503+120`), or `hang`, `close`, `endless` (200 and bytes without end), `drip` (200 and a byte now and then),
    ///     `early` (100s before the 200), `redirect` (to `/elsewhere`).
    ///   - host: an address of this machine's loopback network.
    ///   - port: 0 for any.
    ///   - certificates: of a server that speaks TLS.
    public init(
        _ plan: [String], host: String = "127.0.0.1", port: Int = 0, certificates: TestCertificates? = nil
    ) async throws {
        let folder = try TemporaryFolder("receiver")
        let script = folder.file("receiver.py")
        try Data(Self.program.utf8).write(to: URL(fileURLWithPath: script))
        let tls = certificates.map { [$0.certificate, $0.key] } ?? []
        child = try Child(
            "/usr/bin/env", ["python3", script, folder.path, host, String(port), plan.joined(separator: ",")] + tls,
            output: folder.file("log"), errors: folder.file("log"))
        (self.folder, self.host) = (folder, host)
        self.port = try await eventually("the receiver to listen") {
            Int((try? String(contentsOfFile: folder.file("port"), encoding: .utf8)) ?? "")
        }
    }

    /// E.g. `http://127.0.0.1:4711/hook`.
    public var url: String { "http://\(host):\(port)/hook" }

    /// Everything that has come so far.
    public func messages() throws -> [Message] {
        let text = (try? String(contentsOfFile: folder.file("messages"), encoding: .utf8)) ?? ""
        // The last line may still be on its way.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return try lines.map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
    }

    /// Waits until that many messages have come.
    @discardableResult
    public func wait(for count: Int) async throws -> [Message] {
        try await eventually("\(count) messages") {
            let messages = try self.messages()
            return messages.count >= count ? messages : nil
        }
    }

    /// Kills it.
    public func kill9() async throws {
        child.signal(SIGKILL)
        _ = try await child.ended(within: .seconds(10))
    }

    private static let program = #"""
        import http.server, json, os, ssl, sys, threading, time

        folder, host, port, plan = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")
        lock, count = threading.Lock(), 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                global count
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    step = plan[min(count, len(plan) - 1)]
                    count += 1
                    with open(folder + "/messages", "a") as out:
                        headers = {name.lower(): value for name, value in self.headers.items()}
                        out.write(json.dumps({"path": self.path, "headers": headers, "body": body.decode()}) + "\n")
                if step == "hang": time.sleep(600)
                if step == "close": self.connection.close(); return
                if step == "endless":
                    self.send_response(200)
                    self.end_headers()
                    while True: self.wfile.write(b"x" * 65536)
                if step == "drip":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000000")
                    self.end_headers()
                    while True:
                        self.wfile.write(b"x")
                        time.sleep(0.1)
                if step == "early":
                    for _ in range(3): self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    step = "200"
                status, _, pause = step.partition("+")
                self.send_response(302 if step == "redirect" else int(status))
                if step == "redirect": self.send_header("Location", "/elsewhere")
                if pause: self.send_header("Retry-After", pause)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_GET = do_POST
            def log_message(self, *arguments): pass

        server = http.server.ThreadingHTTPServer((host, port), Handler)
        if len(sys.argv) > 6:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[5], sys.argv[6])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        with open(folder + "/port.new", "w") as out: out.write(str(server.server_address[1]))
        os.rename(folder + "/port.new", folder + "/port")
        server.serve_forever()
        """#
}
