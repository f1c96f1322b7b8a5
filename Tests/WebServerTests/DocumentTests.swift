import Core
import Foundation
import Testing

@testable import WebServer

@Suite("Documents")
struct DocumentTests {
    private struct Thing: WireType {
        var name: String
        static let schema: Schema = .object([.field("name", .string(), "What <it> is called.")])
    }

    private static let routes: [Route] = [
        .json(
            .put, "/api/things/{id}", .updateSession, "Changes a thing.", tag: "Things", input: Thing.self, output: Thing.self,
            errors: ["taken": 409]) { input, _ in input },
        .json(.get, "/api/things", .listSessions, "Lists <things>.", tag: "Things", query: Route.paging, output: Page<Thing>.self) { _ in
            Page(items: [], nextCursor: nil)
        },
        .open(.get, "/a-b") { _ in Reply(.ok) },
        .open(.get, "/a/b") { _ in Reply(.ok) },
    ]

    private var document: JSONValue { OpenAPIDocument(routes: Self.routes, title: "T", version: "1").json }

    @Test("a route's operation says what it takes, gives and requires")
    func operation() throws {
        let put = try #require(document["paths"]?["/api/things/{id}"]?["put"])
        #expect(put["operationId"] == "putApiThingsById")
        #expect(put["security"] == [["bearer": []]])
        let id: JSONValue = ["type": "string", "format": "uuid"]
        let example = Schema.formatted(.uuid).example(of: "id")
        #expect(put["parameters"] == [["name": "id", "in": "path", "required": true, "schema": id, "example": example]])
        #expect(put["requestBody"]?["content"]?["application/json"]?["schema"] == Thing.schema.json)
        #expect(put["responses"]?["200"]?["content"]?["application/json"]?["schema"] == Thing.schema.json)
        for (status, code) in [("401", "unauthorized"), ("403", "forbidden"), ("404", "not_found"), ("409", "taken"), ("422", "invalid_field")] {
            #expect(put["responses"]?[status]?["description"]?.stringValue?.contains(code) == true)
        }
        #expect(document["paths"]?["/a-b"]?["get"]?["security"] == [])
    }

    @Test("whatever is taken and given has an example, and problems lead to theirs")
    func examples() throws {
        let put = try #require(document["paths"]?["/api/things/{id}"]?["put"])
        for side in [put["requestBody"], put["responses"]?["200"]] {
            #expect(side?["content"]?["application/json"]?["example"] == ["name": "Anna"])
        }
        for parameter in Route.paging {
            let shown = document["paths"]?["/api/things"]?["get"]?["parameters"]?.elements.first { $0["name"] == .string(parameter.name) }?["example"]
            try parameter.schema.validate(try #require(shown))
        }
        let taken = put["responses"]?["409"]?["content"]?["application/problem+json"]?["examples"]?["taken"]
        #expect(taken?["$ref"] == "#/components/examples/409.taken")
        let value = document["components"]?["examples"]?["409.taken"]?["value"]
        #expect(value?["status"] == 409 && value?["code"] == "taken" && value?["title"] == "Conflict")
    }

    @Test("operation ids are unique, and references lead somewhere")
    func ids() throws {
        guard case .object(let paths)? = document["paths"] else { throw ClientError.timedOut }
        var ids: [String] = []
        for case .object(let operations) in paths.values { ids += operations.values.compactMap { $0["operationId"]?.stringValue } }
        #expect(ids.count == Self.routes.count && Set(ids).count == ids.count)
        #expect(document["components"]?["schemas"]?["Problem"] != nil)
        #expect(document["openapi"] == "3.1.0")
    }

    @Test("both documents are served, and the page cannot be broken by what it prints")
    func served() async throws {
        try await withServer(Self.routes + DocumentRoutes(Self.routes, version: "1").routes) { port in
            let json = try await ask(port, "GET", "/openapi.json")
            #expect(json.headers["content-type"] == "application/json")
            #expect(try json.json["paths"]?["/docs"] != nil)
            let page = try await ask(port, "GET", "/docs")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(page.body.contains("/api/things/{id}") && page.body.contains("&lt;things&gt;"))
            #expect(!page.body.contains("<things>") && !page.body.contains("<it>"))
            #expect(try await ask(port, "GET", "/docs/style.css").status == 200)
        }
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
}
