import Foundation

/// Any JSON document as a value: for validation before decoding, and for building answers whose shape is data.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() { self = .null
        } else if let value = try? container.decode(Bool.self) { self = .bool(value)
        } else if let value = try? container.decode(Int64.self) { self = .integer(value)
        } else if let value = try? container.decode(Double.self) { self = .number(value)
        } else if let value = try? container.decode(String.self) { self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) { self = .array(value)
        } else { self = .object(try container.decode([String: JSONValue].self)) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of two members with one name, the last stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension JSONValue {
    /// The member of that name, `nil` when this is no object or has none.
    public subscript(_ key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The string; `nil` when this is none.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    /// The integer; `nil` when this is none, a number with a fraction for instance.
    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The boolean; `nil` when this is none.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
}

/// The one way Lumiere reads and writes JSON: camelCase as declared, keys sorted, slashes unescaped.
public enum JSON {
    /// Encodes a value as UTF-8 JSON with sorted keys, so that equal values give equal bytes.
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// Encodes a value as a JSON string.
    public static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }

    /// A value as the document that it is encoded as.
    public static func value(of value: some Encodable) throws -> JSONValue { try JSONValue(parsing: encode(value)) }

    /// Decodes UTF-8 JSON.
    /// - Throws: `DecodingError` when the bytes are not JSON or do not fit the type.
    public static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from data: some DataProtocol) throws -> Value {
        try JSONDecoder().decode(type, from: Data(data))
    }

    /// Decodes a JSON string.
    public static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from text: String) throws -> Value {
        try decode(type, from: Data(text.utf8))
    }
}
