public import Core
public import HTTPTypes
import Hummingbird

/// A declared route: everything about it is said once, here. The declaration registers the handler, checks the policy,
/// validates the input, and is printed into OpenAPI.
public struct Route: Sendable {
    /// How the request's body is taken.
    public enum Body: Sendable {
        /// None is read; one that comes is refused to its end.
        case none
        /// JSON of that shape, at most 1 MiB, handed over as `Call.json`.
        case json(Schema)
        /// JSON as above, or no body at all.
        case optionalJSON(Schema)
        /// The handler reads `Call.request.body` itself, after calling `Call.acceptBody()`.
        case stream(contentType: String)
    }

    /// What a success looks like.
    public enum Output: Sendable {
        case json(HTTPResponse.Status, Schema)
        case empty(HTTPResponse.Status)
        case bytes(HTTPResponse.Status, contentType: String)
    }

    /// A query parameter, for the documents; the handler reads it through `Call`.
    public struct Query: Sendable {
        public let name: String
        public let schema: Schema
        public let about: String

        public init(_ name: String, _ schema: Schema, _ about: String) {
            self.name = name
            self.schema = schema
            self.about = about
        }
    }

    public typealias Handler = @Sendable (Call) async throws -> Reply
    /// Finds what the action is about from the path's and the query's parameters. Returns `.session(id, held: [])` for what
    /// does not exist, never throws a 404 itself.
    public typealias ResourceFinder = @Sendable (_ principal: Principal, _ parameters: [String: String]) async throws -> Resource

    public let method: HTTPRequest.Method
    /// With parameters in braces, e.g. `/api/sessions/{id}`.
    public let path: String
    public let action: Action
    /// One line for the documents.
    public let summary: String
    /// Groups routes in the documents.
    public let tag: String
    public let body: Body
    public let query: [Query]
    public let output: Output
    /// Codes of the problems it can answer with beyond the common ones, for the documents: `["wrong_code": 403]`.
    public let errors: [String: Int]
    /// Names the resource in a 404.
    public let noun: String
    /// Whether pages of listed origins may ask for it with the browser's credentials (Fetch standard, section 3.2.5). Cookies must
    /// mean nothing to it.
    public var allowsCredentials = false
    /// Whether what was made before is answered with 200, in the same shape, instead of being made again; for the documents.
    public var answersKnown = false
    let resource: ResourceFinder
    let handler: Handler

    public init(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, _ summary: String, tag: String,
        body: Body = .none, query: [Query] = [], output: Output, errors: [String: Int] = [:], noun: String = "resource",
        resource: @escaping ResourceFinder = { _, _ in .house }, handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.action = action
        self.summary = summary
        self.tag = tag
        self.body = body
        self.query = query
        self.output = output
        self.errors = errors
        self.noun = noun
        self.resource = resource
        self.handler = handler
    }
}

extension Route {
    /// A route that takes JSON and answers JSON.
    public static func json<Input: WireType, Output: WireType>(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, _ summary: String, tag: String,
        input: Input.Type, output: Output.Type, status: HTTPResponse.Status = .ok, errors: [String: Int] = [:],
        noun: String = "resource", resource: @escaping ResourceFinder = { _, _ in .house },
        handler: @escaping @Sendable (Input, Call) async throws -> Output
    ) -> Route {
        Route(
            method, path, action, summary, tag: tag, body: .json(Input.schema), output: .json(status, Output.schema),
            errors: errors, noun: noun, resource: resource
        ) { call in
            try .json(try await handler(try call.input(), call), status: status)
        }
    }

    /// A route without a body that answers JSON.
    public static func json<Output: WireType>(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, _ summary: String, tag: String,
        query: [Query] = [], output: Output.Type, status: HTTPResponse.Status = .ok, errors: [String: Int] = [:],
        noun: String = "resource", resource: @escaping ResourceFinder = { _, _ in .house },
        handler: @escaping @Sendable (Call) async throws -> Output
    ) -> Route {
        Route(
            method, path, action, summary, tag: tag, query: query, output: .json(status, Output.schema), errors: errors,
            noun: noun, resource: resource
        ) { call in
            try .json(try await handler(call), status: status)
        }
    }

    /// A route without a body that answers 204.
    public static func empty(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, _ summary: String, tag: String,
        query: [Query] = [], errors: [String: Int] = [:], noun: String = "resource",
        resource: @escaping ResourceFinder = { _, _ in .house },
        handler: @escaping @Sendable (Call) async throws -> Void
    ) -> Route {
        Route(
            method, path, action, summary, tag: tag, query: query, output: .empty(.noContent), errors: errors, noun: noun,
            resource: resource
        ) { call in
            try await handler(call)
            return Reply(.noContent)
        }
    }

    /// The query parameters of every list.
    public static let paging: [Query] = [
        Query("cursor", .string(0...200), "Continues a list: the `nextCursor` of the page before."),
        Query("limit", .integer(1...200), "Items per page, 50 unless said."),
    ]
}
