/// A reply of the Redis serialization protocol, version 2.
enum RedisReply: Sendable, Equatable {
    case status(String)
    /// The whole text of an error, its code first.
    case error(String)
    case integer(Int64)
    case bulk([UInt8])
    case null
    case array([RedisReply])

    /// The text of a bulk string or status; `nil` for anything else.
    var text: String? {
        switch self {
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var array: [RedisReply]? { if case .array(let elements) = self { elements } else { nil } }
}
