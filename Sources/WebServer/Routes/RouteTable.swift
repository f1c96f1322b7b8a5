public import Core
import Foundation
import HTTPTypes
public import Hummingbird
import NIOCore

/// Puts declared routes behind Hummingbird's router: authentication, policy and validation in one place.
public struct RouteTable: Sendable {
    public let routes: [Route]
    private let authenticator: any Authenticator
    private let limits: Limits

    public struct Limits: Sendable {
        /// Bytes of a JSON body.
        public var jsonBody = 1 << 20

        public init() {}
    }

    public init(_ routes: [Route], authenticator: any Authenticator, limits: Limits = .init()) {
        self.routes = routes
        self.authenticator = authenticator
        self.limits = limits
    }

    /// Registers every route.
    public func register(on router: Router<ServerRequestContext>) {
        for route in routes {
            let pattern = RoutePattern(route.path)
            router.on(RouterPath(pattern.numbered), method: route.method) { request, context in
                context.coreContext.endpointPath.value = route.path
                return try await respond(to: request, context, with: route, pattern)
            }
        }
    }

    private func respond(
        to request: Request, _ context: ServerRequestContext, with route: Route, _ pattern: RoutePattern
    ) async throws -> Response {
        let parameters = try pattern.named(context.parameters)
        let principal = try await principal(of: request, for: route.action)
        let query = request.queryParameters
        let resource = try await route.resource(principal, query.merging(parameters) { _, path in path })
        try Policy.require(principal, route.action, resource, what: route.noun)
        try route.check(query)
        let call = Call(
            principal: principal, request: request, parameters: parameters, query: query,
            json: try await json(of: request, context, route.body), resource: resource, requestID: context.requestID,
            remoteAddress: context.remoteAddress(of: request), baseURL: context.baseURL(of: request),
            logger: context.logger, channel: context.channel, isFromProxy: context.isFromProxy, isProxied: context.isProxied(request))
        return try await route.handler(call).response(over: context.channel)
    }

    /// A token that no longer holds must not keep anybody from signing in again, or from what is open to all.
    private func principal(of request: Request, for action: Action) async throws -> Principal {
        do {
            return try await authenticator.principal(bearer: request.bearerToken)
        } catch let problem as Problem where problem.status == 401 && action.requirement == .none {
            return .anonymous
        }
    }

    private func json(of request: Request, _ context: ServerRequestContext, _ body: Route.Body) async throws -> JSONValue {
        switch body {
        case .none, .stream: return .null
        case .json(let schema):
            return try validated(try await bytes(of: request, context), schema)
        case .optionalJSON(let schema):
            let bytes = try await bytes(of: request, context)
            return bytes.readableBytes == 0 ? .object([:]) : try validated(bytes, schema)
        }
    }

    private func bytes(of request: Request, _ context: ServerRequestContext) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limits.jsonBody { throw tooLarge }
        await context.channel.acceptBody()
        do {
            return try await request.body.collect(upTo: limits.jsonBody)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }

    private var tooLarge: Problem { .tooLarge("A JSON body has at most \(limits.jsonBody) bytes.") }

    private func validated(_ bytes: ByteBuffer, _ schema: Schema) throws -> JSONValue {
        let value = try JSONValue(parsing: bytes.readableBytesView)
        try schema.validate(value)
        return value
    }
}

extension Route {
    /// What it reads of a query has no control characters: nothing is called so, and databases refuse some of them.
    /// - Throws: `Problem` 400 `bad_query`.
    fileprivate func check(_ values: [String: String]) throws {
        for name in query.map(\.name) where values[name]?.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) == true {
            throw Problem.badRequest("bad_query", "\(name) has control characters.")
        }
    }
}
