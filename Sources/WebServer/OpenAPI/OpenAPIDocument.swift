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
                "schemas": ["Problem": Self.problem],
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

    private static let problem: JSONValue = [
        "type": "object",
        "description": "RFC 9457. Programs read `code`.",
        "required": ["type", "title", "status", "code", "detail", "requestId"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "code": ["type": "string"], "detail": ["type": "string"], "requestId": ["type": "string"],
        ],
    ]
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
        let inPath = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment -> JSONValue in
            [
                "name": .string(String(segment.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string"],
            ]
        }
        let inQuery = query.map { parameter -> JSONValue in
            [
                "name": .string(parameter.name), "in": "query", "description": .string(parameter.about),
                "schema": parameter.schema.json,
            ]
        }
        return inPath + inQuery
    }

    private var requestBody: JSONValue? {
        switch body {
        case .none: nil
        case .json(let schema): ["required": true, "content": ["application/json": ["schema": schema.json]]]
        case .optionalJSON(let schema): ["required": false, "content": ["application/json": ["schema": schema.json]]]
        case .stream(let type): ["required": true, "content": .object([type: ["schema": ["type": "string", "format": "binary"]]])]
        }
    }

    private var responses: [String: JSONValue] {
        var responses = [success.0: success.1]
        for (status, codes) in problems {
            responses[String(status)] = [
                "description": .string(codes.sorted().joined(separator: ", ")),
                "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ]
        }
        return responses
    }

    private var success: (String, JSONValue) {
        switch output {
        case .json(let status, let schema):
            (String(status.code), ["description": "Done.", "content": ["application/json": ["schema": schema.json]]])
        case .empty(let status): (String(status.code), ["description": "Done."])
        case .bytes(let status, let type):
            (
                String(status.code),
                ["description": "Done.", "content": .object([type: ["schema": ["type": "string", "format": "binary"]]])]
            )
        }
    }

    /// Codes by status: the declared ones and those every route of this kind shares.
    var problems: [Int: Set<String>] {
        var problems: [Int: Set<String>] = [500: ["internal_error"]]
        for (code, status) in errors { problems[status, default: []].insert(code) }
        if !action.isOpen {
            problems[401, default: []].formUnion(["unauthorized", "invalid_token", "expired_token"])
            problems[403, default: []].insert("forbidden")
        }
        if case .rights = action.requirement { problems[404, default: []].insert("not_found") }
        switch body {
        case .json, .optionalJSON:
            problems[400, default: []].insert("bad_json")
            problems[413, default: []].insert("too_large")
            problems[422, default: []].insert("invalid_field")
        case .none, .stream: break
        }
        return problems
    }
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
            (.download, "download"), (.select, "select"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
