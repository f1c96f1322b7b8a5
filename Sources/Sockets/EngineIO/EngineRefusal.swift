import NIOCore
import NIOHTTP1

/// Why a request is refused, with the numbers and sentences that clients of Engine.IO know.
public enum EngineRefusal: Sendable, Equatable {
    case unknownTransport
    case unknownSession
    case badHandshakeMethod
    /// A request that does not fit the session's state: a second poll, polling after the upgrade, a body that is no payload.
    case badRequest
    case unsupportedVersion
    case payloadTooLarge
    /// There are as many sessions as there may be, or the server goes down.
    case full
    /// There are as many sessions of that address as there may be.
    case tooManyFromAddress

    /// What to answer.
    public var response: EngineResponse {
        EngineResponse(
            status: status, contentType: "application/json",
            body: ByteBuffer(string: #"{"code":\#(code),"message":"\#(message)"}"#))
    }

    /// The number of the answer.
    public var status: HTTPResponseStatus {
        switch self {
        case .payloadTooLarge: .payloadTooLarge
        case .full: .serviceUnavailable
        case .tooManyFromAddress: .tooManyRequests
        default: .badRequest
        }
    }

    private var code: Int {
        switch self {
        case .unknownTransport: 0
        case .unknownSession: 1
        case .badHandshakeMethod: 2
        case .badRequest, .payloadTooLarge: 3
        case .full, .tooManyFromAddress: 4
        case .unsupportedVersion: 5
        }
    }

    /// What the client is told.
    public var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .unsupportedVersion: "Unsupported protocol version"
        case .payloadTooLarge: "Payload too large"
        case .full: "No room for another session"
        case .tooManyFromAddress: "Too many sessions from this address"
        }
    }
}
