public import Core
import Foundation
public import HTTPTypes
public import Hummingbird
import NIOCore

/// What a route answers.
public struct Reply: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: ResponseBody
    /// What the body consists of, when it is a part of a file: sent instead of `body` by connections that can send files
    /// without reading them.
    public var file: FilePart?

    public init(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: ResponseBody = .init()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON document.
    public static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Reply {
        .bytes(try JSON.encode(value), type: "application/json", status: status, headers: headers)
    }

    /// Bytes of a media type.
    public static func bytes(
        _ bytes: Data, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Reply {
        var headers = headers
        headers[.contentType] = type
        return Reply(status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The problem as `application/problem+json` (RFC 9457 section 3).
    public static func problem(_ problem: Problem, requestID: String) -> Reply {
        let document = ProblemDocument(problem, requestID: requestID)
        return Reply(
            .init(code: problem.status), headers: document.headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.body)))
    }

    var response: Response { Response(status: status, headers: headers, body: body) }

    /// The answer as it goes over that connection.
    func response(over channel: any Channel) -> Response {
        guard let file else { return response }
        var reply = self
        reply.body = ResponseBody(contentLength: file.range.count) { [body] writer in
            if try await channel.send(file) {
                try await writer.finish(nil)
            } else {
                try await body.write(writer)
            }
        }
        return reply.response
    }
}

extension HTTPField.Name {
    public static let requestID = HTTPField.Name("X-Request-ID")!
    static let forwarded = HTTPField.Name("Forwarded")!
    public static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    public static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")!
    public static let forwardedHost = HTTPField.Name("X-Forwarded-Host")!
}
