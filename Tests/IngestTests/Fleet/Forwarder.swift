import Foundation
import TestSupport

/// Carries TCP connections from a port of its own to another one, as long as it is told to: the server behind it goes away
/// and comes back without losing anything.
final class Forwarder: Sendable {
    private static let program = """
        import socket, sys, threading
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(sys.argv[1])))
        listener.listen(64)
        def carry(source, target):
            try:
                while data := source.recv(65536): target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError: pass
        print(listener.getsockname()[1], flush=True)
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
            for pair in ((client, server), (server, client)): threading.Thread(target=carry, args=pair, daemon=True).start()
        """

    let port: Int
    private let target: Int
    private let child: Child

    /// - Parameters:
    ///   - target: the port of the server.
    ///   - port: its own; 0 for any.
    init(to target: Int, on port: Int = 0) async throws {
        let folder = try TemporaryFolder("forwarder")
        let child = try Child(
            try Tool("python3").path, ["-c", Self.program, String(port), String(target)], output: folder.file("out"),
            errors: folder.file("err"))
        self.port = try await eventually("a forwarder") {
            Int((try? String(contentsOfFile: folder.file("out"), encoding: .utf8))?.split(separator: "\n").first ?? "")
        }
        self.target = target
        self.child = child
    }

    var endpoint: String { "http://127.0.0.1:\(port)" }

    /// Cuts all connections and refuses new ones.
    func stop() async throws {
        child.signal(9)
        _ = try await child.ended(within: .seconds(10))
    }

    /// Another one on the same port.
    func again() async throws -> Forwarder { try await Forwarder(to: target, on: port) }
}
