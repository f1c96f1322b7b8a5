import Foundation
import NIOCore

/// Serves the protocol layers of `Sockets`, and nothing else of Lumiere, to the suites that check them.
@main
struct ConformanceServer {
    private static let endpoints: [any Endpoint] = [EchoEndpoint(), EngineEndpoint.echo, EngineEndpoint.socketIO]

    static func main() async throws {
        guard let port = port(in: CommandLine.arguments) else {
            FileHandle.standardError.write(Data("usage: conformance-server --port P (0: any free port)\n".utf8))
            exit(64)
        }
        let listener = try await HTTPServer(endpoints: endpoints).listen(port: port)
        FileHandle.standardOutput.write(Data("listening on \(listener.localAddress?.port ?? port)\n".utf8))
        try await listener.closeFuture.get()
    }

    private static func port(in arguments: [String]) -> Int? {
        guard arguments.count == 3, arguments[1] == "--port", let port = Int(arguments[2]), (0...65_535).contains(port) else {
            return nil
        }
        return port
    }
}
