/// The shape of a JSON value, declared once: it validates what comes in, and is printed into OpenAPI and AsyncAPI.
public indirect enum Schema: Sendable, Equatable {
    case any
    case boolean
    case integer(ClosedRange<Int64> = Int64.min...Int64.max)
    case number(ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    /// Length in Unicode scalars.
    case string(ClosedRange<Int> = 0...100_000)
    /// Text of a well-known form.
    case formatted(Format)
    case oneOf([String])
    case array(of: Schema, count: ClosedRange<Int> = 0...10_000)
    /// Any member names, all of one shape.
    case dictionary(of: Schema)
    case object([Field])
    case nullable(Schema)

    /// Named forms of text (JSON Schema `format`).
    public enum Format: String, Sendable, Equatable {
        case uuid
        case dateTime = "date-time"
        case email
        case uri
    }

    /// A member of an object.
    public struct Field: Sendable, Equatable {
        public let name: String
        public let schema: Schema
        public let isRequired: Bool
        public let about: String
    }
}

extension Schema.Field {
    /// A member that must be there.
    public static func field(_ name: String, _ schema: Schema, _ about: String = "") -> Self {
        Self(name: name, schema: schema, isRequired: true, about: about)
    }

    /// A member that may be missing or null.
    public static func optional(_ name: String, _ schema: Schema, _ about: String = "") -> Self {
        Self(name: name, schema: schema, isRequired: false, about: about)
    }
}

/// A type that crosses the wire as JSON and says how it looks there.
public protocol WireType: Codable, Sendable {
    /// The JSON shape, with the bounds that input is held to.
    static var schema: Schema { get }
}

extension Page: WireType where Item: WireType {
    public static var schema: Schema {
        .object([
            .init(name: "items", schema: .array(of: Item.schema), isRequired: true, about: "The items, in list order."),
            .init(name: "nextCursor", schema: .string(), isRequired: false, about: "Continues the list; absent at its end."),
        ])
    }
}
