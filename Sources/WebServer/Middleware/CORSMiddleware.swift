import Core
import HTTPTypes
public import Hummingbird

/// Lets web pages of other origins use the API (Fetch standard, section 3.2).
///
/// No page of another origin reads what a cookie opens: credentials are not allowed, and so any origin may be let in. Routes to
/// which cookies mean nothing may allow them, for clients that cannot help sending some; then only to origins that are listed.
public struct CORSMiddleware: RouterMiddleware {
    public typealias Context = ServerRequestContext

    /// Which origins may read answers.
    public enum Origins: Sendable, Equatable {
        case any
        /// Scheme, host and port as browsers write them, e.g. `https://photos.example.org`. Empty: none.
        case listed(Set<String>)

        /// Reads a configured list; `*` stands for any.
        public init(_ texts: [String]) { self = texts.contains("*") ? .any : .listed(Set(texts)) }
    }

    private let origins: Origins
    /// Paths, in their segments.
    private let credentialed: Set<[Substring]>

    /// - Parameter routes: those that allow credentials are looked for among them.
    public init(_ origins: Origins, routes: [Route] = []) {
        self.origins = origins
        credentialed = Set(routes.filter(\.allowsCredentials).map { $0.path.split(separator: "/") })
    }

    public func handle(
        _ request: Request, context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return vary(try await next(request, context)) }
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        var response = isPreflight ? Response(status: .noContent) : try await next(request, context)
        if let allowed = allowed(origin) {
            response.headers[.accessControlAllowOrigin] = allowed
            if origins != .any, credentialed.contains(request.uri.path.split(separator: "/")) {
                response.headers[.accessControlAllowCredentials] = "true"
            }
            if isPreflight { addPreflight(&response.headers) } else { addExposed(&response.headers) }
        }
        return vary(response)
    }

    private func allowed(_ origin: String) -> String? {
        switch origins {
        case .any: "*"
        case .listed(let origins): origins.contains(origin) ? origin : nil
        }
    }

    /// Whether answers depend on the origin, so that each has to say `Vary: Origin`.
    static func varies(_ origins: Origins) -> Bool { origins != .any }

    private func vary(_ response: Response) -> Response {
        if !Self.varies(origins) { return response }
        var response = response
        // In one line: proxies in front may pass on no more.
        response.headers[.vary] = [response.headers[.vary], "Origin"].compactMap(\.self).joined(separator: ", ")
        return response
    }

    private func addPreflight(_ headers: inout HTTPFields) {
        headers[.accessControlAllowMethods] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        headers[.accessControlAllowHeaders] = Self.requestHeaders
        headers[.accessControlMaxAge] = "7200"
    }

    private func addExposed(_ headers: inout HTTPFields) { headers[.accessControlExposeHeaders] = Self.responseHeaders }

    private static let requestHeaders = [
        "Authorization", "Content-Digest", "Content-Disposition", "Content-Type", "Idempotency-Key", "If-Match",
        "If-None-Match", "If-Range", "Last-Event-ID", "Range",
        "Repr-Digest", "Tus-Resumable", "Upload-Checksum", "Upload-Complete", "Upload-Concat", "Upload-Defer-Length",
        "Upload-Draft-Interop-Version", "Upload-Incomplete", "Upload-Length", "Upload-Metadata", "Upload-Offset",
        "Want-Repr-Digest", "X-HTTP-Method-Override", "X-Request-ID",
    ].joined(separator: ", ")

    private static let responseHeaders = [
        "Accept-Patch", "Accept-Ranges", "Allow", "Content-Disposition", "Content-Length", "Content-Location", "Content-Range", "ETag", "Location",
        "Repr-Digest", "Retry-After", "Tus-Checksum-Algorithm", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable",
        "Tus-Version", "Upload-Complete", "Upload-Concat", "Upload-Defer-Length", "Upload-Draft-Interop-Version",
        "Upload-Expires", "Upload-Incomplete", "Upload-Length", "Upload-Limit", "Upload-Metadata", "Upload-Offset",
        "WWW-Authenticate", "X-Request-ID",
    ].joined(separator: ", ")
}
