public import CoreMetrics
public import HTTPTypes
public import NIOCore

/// What a `DirectResponder` answers.
public struct DirectAnswer: Sendable {
    /// What follows the head, unless the request is a HEAD.
    public enum Body: Sendable {
        case nothing
        case bytes(ByteBuffer)
        case file(FilePart)
    }

    public var head: DirectHead
    /// The `Content-Range`, which differs from answer to answer.
    public var contentRange: String?
    /// The `Content-Length`; `nil` for statuses that have none.
    public var length: Int64?
    public var body: Body
    /// Counts the bytes of the body that were sent.
    public var sent: Counter?

    public init(_ head: DirectHead, contentRange: String? = nil, length: Int64?, body: Body, sent: Counter? = nil) {
        self.head = head
        self.contentRange = contentRange
        self.length = length
        self.body = body
        self.sent = sent
    }
}

/// The status line and the header fields of an answer, written once for all who get them.
public struct DirectHead: Sendable {
    public let status: HTTPResponse.Status
    /// All but `Vary`.
    let text: ByteBuffer
    let vary: String?

    /// - Parameter fields: without `Date`, `X-Request-ID`, `Content-Length` and `Content-Range`.
    public init(_ status: HTTPResponse.Status, _ fields: HTTPFields) {
        self.status = status
        vary = fields[.vary]
        var text = ByteBuffer(string: "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        for field in StandingFields.completed(fields) where field.name != .vary {
            text.writeString("\(field.name.rawName): \(field.value)\r\n")
        }
        self.text = text
    }
}
