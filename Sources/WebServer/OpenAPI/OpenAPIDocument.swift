public import Core
import HTTPTypes

/// The declared routes as an OpenAPI 3.1 document.
public struct OpenAPIDocument: Sendable {
    /// The document.
    public let json: JSONValue

    public init(routes: [Route], title: String, version: String) {
        json = [
            "openapi": "3.1.0",
            "info": ["title": .string(title), "version": .string(version)],
            "paths": Self.paths(routes),
            "components": [
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer",
                        "description": "An access token, an API key, or a guest's grant token.",
                    ]
                ],
                "schemas": ["Problem": Self.problem], "responses": Self.refused,
                "examples": Self.problems(routes), "headers": Self.headers,
            ],
        ]
    }

    private static func paths(_ routes: [Route]) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        var taken: Set<String> = []
        for route in routes {
            var id = route.operationID
            // Paths that differ in signs only would give the same name.
            while !taken.insert(id).inserted { id += "_" }
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = route.operation(id: id)
        }
        return .object(paths.mapValues(JSONValue.object))
    }
}

extension Route {
    /// E.g. `getApiSessionsById`.
    var operationID: String {
        let words = path.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? "By" + capitalized(segment.dropFirst().dropLast()) : capitalized(segment)
        }
        return method.rawValue.lowercased() + (words.isEmpty ? "Root" : words.joined())
    }

    private func capitalized(_ text: Substring) -> String {
        text.split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    func operation(id: String) -> JSONValue {
        var operation: [String: JSONValue] = [
            "operationId": .string(id), "x-action": .string(action.rawValue), "summary": .string(summary), "tags": .array([.string(tag)]),
            "security": action.isOpen ? [] : [["bearer": []]],
            "responses": .object(responses),
        ]
        if !action.isOpen { operation["description"] = .string("Requires \(action.requirement.text).") }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let requestBody { operation["requestBody"] = requestBody }
        return .object(operation)
    }

    private var parameters: [JSONValue] {
        let inPath = pathParameters.map { name, schema -> JSONValue in
            ["name": .string(name), "in": "path", "required": true, "schema": schema.json, "example": schema.example(of: name)]
        }
        let inQuery = query.map { parameter -> JSONValue in
            [
                "name": .string(parameter.name), "in": "query", "description": .string(parameter.about),
                "schema": parameter.schema.json, "example": parameter.schema.example(of: parameter.name),
            ]
        }
        return inPath + inQuery
    }

    /// What the path's braces hold. Whatever is no id names nothing.
    private var pathParameters: [(name: String, schema: Schema)] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            let name = String(segment.dropFirst().dropLast())
            return (name, name == "id" ? .formatted(.uuid) : .string(1...255))
        }
    }

    private var requestBody: JSONValue? {
        switch body {
        case .none: nil
        case .json(let schema): ["required": true, "content": schema.content]
        case .optionalJSON(let schema): ["required": false, "content": schema.content]
        case .stream(let type): ["required": true, "content": Self.bytes(type)]
        }
    }

    private var responses: [String: JSONValue] {
        var responses = OpenAPIDocument.refusedReferences
        responses[success.0] = success.1
        if answersKnown { responses["200"] = success.1 }
        for (status, codes) in problems { responses[String(status)] = OpenAPIDocument.problem(status, codes.sorted()) }
        return responses
    }

    private var success: (String, JSONValue) {
        let common: [String: JSONValue] = ["description": "Done.", "headers": OpenAPIDocument.headers(of: nil)]
        let (status, content): (HTTPResponse.Status, JSONValue?) =
            switch output {
            case .json(let status, let schema): (status, schema.content)
            case .empty(let status): (status, nil)
            case .bytes(let status, let type): (status, Self.bytes(type))
            }
        return (String(status.code), .object(common.merging(content.map { ["content": $0] } ?? [:]) { old, _ in old }))
    }

    /// JSON that is not declared any further is still JSON.
    private static func bytes(_ type: String) -> JSONValue {
        type == "application/json" ? Schema.any.content : .object([type: ["schema": ["type": "string", "format": "binary"]]])
    }
}

extension Schema {
    fileprivate var content: JSONValue { ["application/json": ["schema": json, "example": example]] }
}

extension Action {
    var isOpen: Bool { requirement == .none }
}

extension Action.Requirement {
    /// For people, after "Requires ".
    var text: String {
        switch self {
        case .none: "nothing"
        case .account(let role, let scope): "an account of role \(role.rawValue) or higher; a key, the scope \(scope.rawValue)"
        case .identified(let scope): "any account or guest token; a key, the scope \(scope.rawValue)"
        case .person: "an access token; keys are not accepted"
        case .rights(let rights, let scope): "the right to \(rights.text) in the session; a key, the scope \(scope.rawValue)"
        }
    }
}

extension Rights {
    fileprivate var text: String {
        let names: [(Rights, String)] = [
            (.view, "view"), (.original, "fetch originals"), (.upload, "upload"), (.desk, "see the desk"), (.manage, "manage"),
            (.download, "download"), (.select, "select"), (.edit, "edit"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
