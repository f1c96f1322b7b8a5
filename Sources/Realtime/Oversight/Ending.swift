import Sockets

/// What connections end by, as it is counted: by the code that they were closed with.
enum Ending: String, CaseIterable, Sendable {
    /// The client went, or was cut off, or the server ended.
    case left
    case resync, expired, slow, flood, revoked, stale, kicked, full, violation
    case noPong = "no_pong"

    init(_ code: WebSocketCloseCode) {
        switch code {
        case CloseReason.resync.code: self = .resync
        case CloseReason.expired.code: self = .expired
        case CloseReason.revoked.code: self = .revoked
        case CloseReason.stale.code: self = .stale
        case CloseReason.kicked.code: self = .kicked
        case .slow: self = .slow
        case .tooManyRequests: self = .flood
        case .tryAgainLater: self = .full
        case .noPong: self = .noPong
        case .protocolError, .unsupportedData, .invalidPayload, .policyViolation, .messageTooBig: self = .violation
        default: self = .left
        }
    }
}
