public import Core
import Foundation
import HTTPTypes
public import Hummingbird
public import Logging
public import NIOCore

/// One request on its way to a route's handler: who asks, what for, and the body, already checked against the declaration.
public struct Call: Sendable {
    public let principal: Principal
    public let request: Request
    /// Values of the path's `{names}`.
    public let parameters: [String: String]
    /// The query, percent-decoded; of a repeated name the first.
    public let query: [String: String]
    /// The validated JSON body; `.null` when the route takes none.
    public let json: JSONValue
    /// What the action was allowed on.
    public let resource: Resource
    /// Appears in the answer's `X-Request-ID` and in every log line.
    public let requestID: String
    /// The client's address: the peer's, or the one a trusted proxy reports.
    public let remoteAddress: String
    /// Scheme and authority under which the client reached us, e.g. `https://photos.example.org`.
    public let baseURL: String
    public let logger: Logger
    /// The connection, for what the response API cannot say (100 Continue, 104, trailers).
    public let channel: any Channel
    /// Whether a proxy of ours passes the request on.
    public let isFromProxy: Bool
    /// Whether somebody stands between the client and us.
    let isProxied: Bool

    /// The principal's name for the rate limiter: an account, or an address.
    public var attemptKey: String { principal.userID?.description ?? remoteAddress }

    /// A path parameter as an id.
    /// - Throws: `Problem` 404: a path that can name nothing names nothing.
    public func id<Subject>(_ name: String = "id", of what: String = "resource") throws -> Identifier<Subject> {
        guard let id = Identifier<Subject>(parameters[name] ?? "") else { throw Problem.notFound(what) }
        return id
    }

    /// The JSON body as a type.
    public func input<Input: WireType>(_ type: Input.Type = Input.self) throws -> Input {
        try decode(json)
    }

    /// A query parameter as a whole number within bounds.
    /// - Throws: `Problem` 400 `bad_query`.
    public func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        guard let text = query[name] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw Problem.badRequest(
                "bad_query", "\(name) must be a whole number between \(range.lowerBound) and \(range.upperBound).")
        }
        return value
    }

    /// The `cursor` query parameter.
    /// - Throws: `Problem` 400 `bad_cursor`.
    public func cursor() throws -> Cursor? { try query["cursor"].map(Cursor.init) }

    private func decode<Input: WireType>(_ value: JSONValue) throws -> Input {
        do {
            return try JSON.decode(from: try JSON.encode(value))
        } catch let error as DecodingError {
            throw Problem.invalid(error.pointer, "The value does not fit.")
        }
    }
}

extension DecodingError {
    /// Where in the document decoding failed, as a JSON pointer.
    fileprivate var pointer: String {
        let context: Context? =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context
            case .keyNotFound(_, let context): context
            @unknown default: nil
            }
        return (context?.codingPath ?? []).map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
    }
}
