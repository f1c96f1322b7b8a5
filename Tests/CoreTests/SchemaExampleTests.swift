import Core
import Testing

@Suite("Examples of schemas")
struct SchemaExampleTests {
    @Test("a name shows what it usually holds, if that fits")
    func names() {
        #expect(Schema.string(1...200).example(of: "title") == "Anna & Ben")
        #expect(Schema.formatted(.uuid).example(of: "photoId") != Schema.formatted(.uuid).example(of: "sessionId"))
        #expect(Schema.string(0...4).example(of: "filename") == "text")
        #expect(Schema.integer(0...3).example(of: "width") == 1)
        #expect(Schema.integer(1000...4999).example(of: "code") == 1000)
        #expect(Schema.array(of: .string()).example(of: "tags") == ["ceremony"])
        #expect(Schema.nullable(.string()).example(of: "email") == "anna@example.org")
        #expect(Schema.dictionary(of: .integer(0...9)).example(of: "byWire") == ["ws": 1])
    }

    @Test("a field's own example goes before all others")
    func own() {
        let schema = Schema.object([.field("title", .string(), example: "Own"), .optional("isOn", .boolean)])
        #expect(schema.example == ["title": "Own", "isOn": true])
    }

    @Test("names decide nothing where nothing is known of them", arguments: ["", "s", "ies", "nobody knows"])
    func unknown(name: String) throws {
        for schema in SchemaGenerator.leaves { try schema.validate(schema.example(of: name)) }
    }

    @Test("the example of any schema is valid", arguments: UInt64(1)...200)
    func valid(seed: UInt64) throws {
        var generator = SchemaGenerator(seed: seed)
        let schema = generator.schema(depth: 4)
        #expect(schema.example == schema.example)
        try schema.validate(schema.example)
    }
}

/// Makes schemas of all kinds, the same ones from the same seed.
private struct SchemaGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    static let leaves: [Schema] = [
        .any, .boolean, .integer(), .integer(5...9), .integer(-9 ... -5), .integer(0...0), .number(), .number(-3 ... -2), .string(), .string(0...0),
        .string(1...1), .string(3...7), .string(64...64), .string(500...600), .formatted(.uuid), .formatted(.dateTime), .formatted(.email),
        .formatted(.uri), .oneOf(["a", "b"]), .oneOf(["ready"]),
    ]

    private static let names = [
        "id", "title", "tags", "width", "photos", "byWire", "exif", "status", "code", "url", "sha256", "capturedAt", "rating", "items", "x",
    ]

    mutating func schema(depth: Int) -> Schema {
        switch number(below: depth == 0 ? 4 : 8) {
        case 0..<4: Self.leaves[number(below: Self.leaves.count)]
        case 4: .array(of: schema(depth: depth - 1), count: number(below: 3)...(2 + number(below: 3)))
        case 5: .dictionary(of: schema(depth: depth - 1))
        case 6: .nullable(schema(depth: depth - 1))
        default: .object(Self.names.shuffled(using: &self).prefix(4).map { field($0, depth) })
        }
    }

    private mutating func field(_ name: String, _ depth: Int) -> Schema.Field {
        let schema = schema(depth: depth - 1)
        return number(below: 2) == 0 ? .field(name, schema) : .optional(name, schema)
    }

    private mutating func number(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension SchemaGenerator: RandomNumberGenerator {
    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
