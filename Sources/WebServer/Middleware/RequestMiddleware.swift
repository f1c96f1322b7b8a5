import Core
import HTTPTypes
public import Hummingbird
import Logging

/// The manners of every answer: a request id, a problem for every error, an access log line, metrics, security headers.
public struct RequestMiddleware: RouterMiddleware {
    public typealias Context = ServerRequestContext

    private let trustedProxies: TrustedProxies
    private let publicURL: String?
    private let index: RouteIndex
    private let metrics = RequestMetrics()

    /// - Parameters:
    ///   - routes: what the server offers, to tell a wrong method from a wrong path.
    ///   - trustedProxies: whose `X-Forwarded-*` headers are believed.
    ///   - publicURL: scheme and authority under which clients reach the server, without a slash at the end.
    public init(routes: [Route], trustedProxies: TrustedProxies = .none, publicURL: String? = nil) {
        self.index = RouteIndex(routes)
        self.trustedProxies = trustedProxies
        self.publicURL = publicURL
    }

    public func handle(
        _ request: Request, context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        let context = prepared(context, for: request)
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = answer(to: error, request, context)
        }
        response.headers[.requestID] = context.requestID
        response.headers = StandingFields.completed(response.headers)
        record(request, response, context, ContinuousClock.now - started)
        return response
    }

    private func prepared(_ context: ServerRequestContext, for request: Request) -> ServerRequestContext {
        var context = context
        context.requestID = RequestID.accept(request.headers[.requestID]) ?? RequestID.generate()
        context.isFromProxy = trustedProxies.contains(context.channel.remoteAddress)
        context.publicURL = publicURL
        // The framework's name for it; `RequestContext.id` reads it there.
        context.logger[metadataKey: "hb.request.id"] = .string(context.requestID)
        return context
    }

    // MARK: Errors

    private func answer(to error: any Error, _ request: Request, _ context: ServerRequestContext) -> Response {
        let methods = isUnrouted(error) ? index.methods(of: request.uri.path) : []
        if !methods.isEmpty { return answer(allowing: methods, request, context) }
        let failure = Failure(error)
        log(failure, error, context)
        return Reply.problem(failure.problem, requestID: context.requestID).response
    }

    private func isUnrouted(_ error: any Error) -> Bool { (error as? HTTPError)?.status == .notFound }

    private func answer(allowing methods: [String], _ request: Request, _ context: ServerRequestContext) -> Response {
        let allow = (methods + ["OPTIONS"]).joined(separator: ", ")
        if request.method == .options { return Response(status: .noContent, headers: [.allow: allow]) }
        let problem = Problem(
            405, "method_not_allowed", "This path knows \(methods.joined(separator: ", ")).", headers: ["Allow": allow])
        return Reply.problem(problem, requestID: context.requestID).response
    }

    private func log(_ failure: Failure, _ error: any Error, _ context: ServerRequestContext) {
        switch failure.kind {
        case .expected: break
        case .interrupted: context.logger.debug("request interrupted", metadata: ["cause": "\(error)"])
        case .outage: context.logger.info("not available", metadata: ["cause": "\(error)"])
        case .fault: context.logger.error("request failed", metadata: ["cause": "\(String(reflecting: error))"])
        }
    }

    // MARK: Records

    private func record(_ request: Request, _ response: Response, _ context: ServerRequestContext, _ duration: Duration) {
        let route = context.matchedRoute ?? "unmatched"
        let status = response.status.code
        metrics.record(route: route, method: request.method.rawValue, status: status, duration: duration)
        // The pattern, not the path: a path or a query may hold what lets somebody in.
        context.logger.log(
            level: status >= 500 ? .info : .debug, "answered",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(status)",
                "ms": "\(duration.milliseconds)", "bytes": "\(response.body.contentLength.map(String.init) ?? "streamed")",
            ])
    }
}
