import Core

extension Route {
    /// Codes by status: the declared ones and those every route of this kind shares.
    var problems: [Int: Set<String>] {
        var problems: [Int: Set<String>] = [400: ["bad_request"], 500: ["internal_error"], 503: ["database_unavailable"]]
        for (code, status) in errors { problems[status, default: []].insert(code) }
        if path.contains("{") {
            problems[400, default: []].insert("bad_path")
            problems[404, default: []].insert("not_found")
        }
        if !action.isOpen {
            problems[401, default: []].formUnion(["unauthorized", "invalid_token", "expired_token"])
            problems[403, default: []].insert("forbidden")
        }
        if case .rights = action.requirement { problems[404, default: []].insert("not_found") }
        if namesThings { problems[404, default: []].insert("not_found") }
        if action.changesSession { problems[409, default: []].insert("session_archived") }
        if !query.isEmpty { problems[400, default: []].insert("bad_query") }
        switch body {
        case .json, .optionalJSON:
            problems[400, default: []].insert("bad_json")
            problems[413, default: []].insert("too_large")
            problems[422, default: []].insert("invalid_field")
        case .none, .stream: break
        }
        return problems
    }

    /// Whether what is asked for may name something by its id that is not there.
    private var namesThings: Bool {
        switch body {
        case .json(let schema), .optionalJSON(let schema): schema.hasIDs || query.contains { $0.schema.hasIDs }
        case .none, .stream: query.contains { $0.schema.hasIDs }
        }
    }
}

extension Schema {
    fileprivate var hasIDs: Bool {
        switch self {
        case .formatted(let format): format == .uuid
        case .array(let inner, _), .dictionary(let inner), .nullable(let inner): inner.hasIDs
        case .object(let fields): fields.contains { $0.schema.hasIDs }
        case .any, .boolean, .integer, .number, .string, .oneOf: false
        }
    }
}

extension OpenAPIDocument {
    static let problem: JSONValue = [
        "type": "object",
        "description": "RFC 9457. Programs read `code`.",
        "required": ["type", "title", "status", "code", "detail", "requestId"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "code": ["type": "string"], "detail": ["type": "string"], "requestId": ["type": "string"],
        ],
    ]

    /// The answer of a status, whose problems have those codes.
    static func problem(_ status: Int, _ codes: [String]) -> JSONValue {
        let examples = codes.map { ($0, ["$ref": .string("#/components/examples/\(key(status, $0))")] as JSONValue) }
        return [
            "description": .string(codes.joined(separator: ", ")), "headers": headers(of: status),
            "content": [
                "application/problem+json": [
                    "schema": ["$ref": "#/components/schemas/Problem"],
                    "examples": .object(Dictionary(examples, uniquingKeysWith: { first, _ in first })),
                ]
            ],
        ]
    }

    /// What the connection refuses before it looks for a route.
    private static let refusals = [408: "slow_request", 414: "target_too_long", 417: "unknown_expectation", 431: "header_too_large"]

    /// These as answers of the document, once.
    static let refused = JSONValue.object(
        Dictionary(uniqueKeysWithValues: refusals.map { status, code in (code, problem(status, [code])) }))

    /// The same as answers of an operation.
    static let refusedReferences = Dictionary(
        uniqueKeysWithValues: refusals.map { status, code in
            (String(status), ["$ref": .string("#/components/responses/\(code)")] as JSONValue)
        })

    /// One example of each problem that some route has.
    static func problems(_ routes: [Route]) -> JSONValue {
        let all = routes.map(\.problems) + [refusals.mapValues { [$0] }]
        var examples: [String: JSONValue] = [:]
        for (status, codes) in all.joined() {
            for code in codes { examples[key(status, code)] = ["value": example(status, code)] }
        }
        return .object(examples)
    }

    private static func key(_ status: Int, _ code: String) -> String { "\(status).\(code)" }

    private static func example(_ status: Int, _ code: String) -> JSONValue {
        [
            "type": "about:blank", "title": .string(ProblemDocument.title(of: status)), "status": .integer(Int64(status)),
            "code": .string(code), "detail": .string(sentence(code)), "requestId": Schema.string().example(of: "requestId"),
        ]
    }

    /// A code in words; what is said in earnest says more.
    private static func sentence(_ code: String) -> String {
        let words = code.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst() + "."
    }
}

extension OpenAPIDocument {
    /// The fields that answers of more than one route have.
    static let headers: JSONValue = [
        "RequestID": header("Names the request in logs: the client's own, or one made up.", Schema.string(1...128).example(of: "requestId")),
        "RetryAfter": header("Seconds after which to try again.", "5"),
        "Challenge": header("How to sign in (RFC 6750).", "Bearer"),
    ]

    /// Those of an answer of that status; `nil` for a success.
    static func headers(of status: Int?) -> JSONValue {
        var headers: [String: JSONValue] = ["X-Request-ID": reference("RequestID")]
        switch status {
        case 401: headers["WWW-Authenticate"] = reference("Challenge")
        case 429, 503: headers["Retry-After"] = reference("RetryAfter")
        default: break
        }
        return .object(headers)
    }

    private static func header(_ about: String, _ example: JSONValue) -> JSONValue {
        ["description": .string(about), "schema": ["type": "string"], "example": example]
    }

    private static func reference(_ header: String) -> JSONValue { ["$ref": .string("#/components/headers/\(header)")] }
}
