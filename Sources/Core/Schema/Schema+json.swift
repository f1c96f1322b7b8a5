extension Schema {
    /// The shape as JSON Schema 2020-12, as OpenAPI 3.1 and AsyncAPI 3 embed it.
    public var json: JSONValue {
        switch self {
        case .any: [:]
        case .boolean: ["type": "boolean"]
        case .integer(let range): .object(["type": "integer"].merging(bounds(range)) { old, _ in old })
        case .number(let range): .object(["type": "number"].merging(bounds(range)) { old, _ in old })
        case .string(let range):
            ["type": "string", "minLength": .integer(Int64(range.lowerBound)), "maxLength": .integer(Int64(range.upperBound))]
        case .formatted(let format): ["type": "string", "format": .string(format.rawValue)]
        case .oneOf(let choices): ["type": "string", "enum": .array(choices.map(JSONValue.string))]
        case .array(let element, let range):
            [
                "type": "array", "items": element.json, "minItems": .integer(Int64(range.lowerBound)),
                "maxItems": .integer(Int64(range.upperBound)),
            ]
        case .dictionary(let element): ["type": "object", "additionalProperties": element.json]
        case .object(let fields): object(fields)
        case .nullable(let inner): ["anyOf": [inner.json, ["type": "null"]]]
        }
    }

    private func object(_ fields: [Field]) -> JSONValue {
        let properties = fields.map { ($0.name, $0.json) }
        return [
            "type": "object",
            "properties": .object(Dictionary(properties, uniquingKeysWith: { _, last in last })),
            "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
        ]
    }

    private func bounds(_ range: ClosedRange<Int64>) -> [String: JSONValue] {
        var bounds: [String: JSONValue] = [:]
        if range.lowerBound != .min { bounds["minimum"] = .integer(range.lowerBound) }
        if range.upperBound != .max { bounds["maximum"] = .integer(range.upperBound) }
        return bounds
    }

    private func bounds(_ range: ClosedRange<Double>) -> [String: JSONValue] {
        var bounds: [String: JSONValue] = [:]
        if range.lowerBound != -.greatestFiniteMagnitude { bounds["minimum"] = .number(range.lowerBound) }
        if range.upperBound != .greatestFiniteMagnitude { bounds["maximum"] = .number(range.upperBound) }
        return bounds
    }
}

extension Schema.Field {
    fileprivate var json: JSONValue {
        guard !about.isEmpty, case .object(var members) = schema.json else { return schema.json }
        members["description"] = .string(about)
        return .object(members)
    }
}
