import Foundation
import NIOHTTP1

/// What a request to the endpoint asks for, by its head alone.
public enum EngineRequest: Sendable, Equatable {
    /// A session that begins with polling.
    case openPolling
    /// A session on a WebSocket.
    case openWebSocket
    /// What the session has for the client.
    case poll(session: String)
    /// What the client has for the session.
    case post(session: String)
    /// A WebSocket for a session that exists.
    case upgrade(session: String)

    /// Reads a request's method and query.
    /// - Parameter isWebSocket: whether its head asks for a WebSocket.
    public static func parse(_ head: HTTPRequestHead, isWebSocket: Bool) -> Result<EngineRequest, EngineRefusal> {
        let query = query(head.uri)
        guard let transport = query["transport"], ["polling", "websocket"].contains(transport) else {
            return .failure(.unknownTransport)
        }
        guard query["EIO"] == "4" else { return .failure(.unsupportedVersion) }
        guard (transport == "websocket") == isWebSocket else { return .failure(.badRequest) }
        guard let session = query["sid"] else { return open(head.method, isWebSocket) }
        guard !isWebSocket else { return .success(.upgrade(session: session)) }
        switch head.method {
        case .GET: return .success(.poll(session: session))
        case .POST: return .success(.post(session: session))
        default: return .failure(.badRequest)
        }
    }

    private static func open(_ method: HTTPMethod, _ isWebSocket: Bool) -> Result<EngineRequest, EngineRefusal> {
        guard method == .GET else { return .failure(.badHandshakeMethod) }
        return .success(isWebSocket ? .openWebSocket : .openPolling)
    }

    /// The parameters of a query; of two with one name, the first counts.
    private static func query(_ uri: String) -> [String: String] {
        guard let start = uri.firstIndex(of: "?") else { return [:] }
        var parameters: [String: String] = [:]
        for item in uri[uri.index(after: start)...].split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.map(String.init), parameters[name] == nil else { continue }
            parameters[name] = parts.count == 2 ? parts[1].removingPercentEncoding : ""
        }
        return parameters
    }
}

extension EngineRefusal: Error {}
