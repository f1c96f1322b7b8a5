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
        /// Shown in the documents instead of what is made of the schema and the name; it has to fit the schema.
        public let example: JSONValue?

        public init(name: String, schema: Schema, isRequired: Bool, about: String, example: JSONValue? = nil) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
            self.about = about
            self.example = example
        }
    }
}

extension Schema.Field {
    /// A member that must be there.
    public static func field(_ name: String, _ schema: Schema, _ about: String = "", example: JSONValue? = nil) -> Self {
        Self(name: name, schema: schema, isRequired: true, about: about, example: example)
    }

    /// A member that may be missing or null.
    public static func optional(_ name: String, _ schema: Schema, _ about: String = "", example: JSONValue? = nil) -> Self {
        Self(name: name, schema: schema, isRequired: false, about: about, example: example)
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
            .field("items", .array(of: Item.schema), "The items, in list order."),
            .optional("nextCursor", .string(), "Continues the list; absent at its end."),
        ])
    }
}
