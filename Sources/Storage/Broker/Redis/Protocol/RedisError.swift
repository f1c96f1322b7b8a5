/// What can go wrong with Redis. Says nothing of keys, values or credentials.
public enum RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no connection now.
    case away
    /// Too much is under way already.
    case busy
    case timedOut
    /// The connection ended before the reply came; whether the command was carried out is unknown.
    case disconnected
    /// What came is no reply, or one that is too big.
    case malformedReply
    /// A reply of a kind that the command does not have.
    case unexpectedReply
    /// The server refused; the error's code, e.g. `NOAUTH`.
    case refused(code: String)
    /// No sentinel knows a master of that name.
    case noMaster
    /// The server is a replica.
    case notMaster

    public var description: String {
        switch self {
        case .away: "Redis is away"
        case .busy: "too many commands wait for Redis"
        case .timedOut: "Redis did not answer in time"
        case .disconnected: "the connection to Redis ended"
        case .malformedReply: "Redis sent something that is no reply"
        case .unexpectedReply: "Redis sent an unexpected reply"
        case .refused(let code): "Redis refused: \(code)"
        case .noMaster: "no sentinel knows the master"
        case .notMaster: "the server is not the master"
        }
    }
}
