import Core
import Foundation
import HTTPTypes

/// `/openapi.json` for machines and `/docs` for people, both made of the declarations.
public struct DocumentRoutes: Sendable {
    private let described: [Route]
    private let title: String
    private let version: String

    /// - Parameter described: all routes of the server but these.
    public init(_ described: [Route], title: String = "Lumiere", version: String) {
        self.described = described
        self.title = title
        self.version = version
    }

    public var routes: [Route] {
        let all = described + serving(document: Data(), page: Data())
        // A value of JSON types always encodes.
        let document = (try? JSON.encode(OpenAPIDocument(routes: all, title: title, version: version).json)) ?? Data()
        return serving(document: document, page: Data(DocumentPage.html(all, title: title, version: version).utf8))
    }

    private func serving(document: Data, page: Data) -> [Route] {
        [
            file("/openapi.json", "This API as OpenAPI 3.1.", "application/json", document),
            file("/docs", "This API as a page.", "text/html; charset=utf-8", page),
            file("/docs/style.css", "The page's looks.", "text/css; charset=utf-8", Data(DocumentPage.style.utf8)),
        ]
    }

    private func file(_ path: String, _ summary: String, _ type: String, _ bytes: Data) -> Route {
        let headers: HTTPFields = [
            .contentSecurityPolicy: "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            .cacheControl: "no-cache",
        ]
        return Route(.get, path, .readPublic, summary, tag: "Documents", output: .bytes(.ok, contentType: type)) { _ in
            .bytes(bytes, type: type, headers: headers)
        }
    }
}
