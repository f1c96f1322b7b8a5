import NIOCore
import NIOHTTP1

/// An HTTP response as data; the server around it adds the length.
public struct EngineResponse: Sendable, Equatable {
    public var status: HTTPResponseStatus
    public var headers: HTTPHeaders
    public var body: ByteBuffer

    init(status: HTTPResponseStatus = .ok, contentType: String = "text/plain; charset=UTF-8", body: ByteBuffer) {
        self.status = status
        headers = ["Content-Type": contentType, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"]
        self.body = body
    }

    private init(status: HTTPResponseStatus, headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
        body = ByteBuffer()
    }

    /// The answer to a post that was taken.
    static let posted = EngineResponse(body: ByteBuffer(string: "ok"))

    /// The answer to OPTIONS and a browser's preflight.
    /// - Parameter headers: those of the request.
    public static func preflight(_ headers: HTTPHeaders, origins: WebSocketOriginPolicy) -> EngineResponse {
        var response = EngineResponse(
            status: .noContent, headers: ["Allow": "GET, POST, OPTIONS", "Cache-Control": "no-store"])
        response.share(withOriginOf: headers, origins: origins)
        guard response.headers.contains(name: "Access-Control-Allow-Origin") else { return response }
        response.headers.add(name: "Access-Control-Allow-Methods", value: "GET, POST")
        response.headers.add(name: "Access-Control-Allow-Headers", value: "Authorization, Content-Type")
        response.headers.add(name: "Access-Control-Max-Age", value: "600")
        return response
    }

    /// Adds what lets a page of another origin read the response (the Fetch standard's CORS protocol), if it may connect.
    /// - Parameter headers: those of the request.
    public mutating func share(withOriginOf headers: HTTPHeaders, origins: WebSocketOriginPolicy) {
        self.headers.add(name: "Vary", value: "Origin")
        let offered = headers["Origin"]
        guard offered.count == 1, let origin = offered.first, origins.permits(origin: origin, host: headers.first(name: "Host"))
        else { return }
        self.headers.add(name: "Access-Control-Allow-Origin", value: origin)
        // Cookies mean nothing here, but a client that is told to send them reads no response without this consent. It cannot do
        // harm: what a session is allowed comes from what is said inside of it.
        self.headers.add(name: "Access-Control-Allow-Credentials", value: "true")
    }
}
