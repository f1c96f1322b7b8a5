import Core
import Testing

@Suite("Schemas")
struct SchemaTests {
    static let person = Schema.object([
        .field("name", .string(1...5)), .optional("age", .integer(0...150)), .optional("mail", .formatted(.email)),
        .optional("tags", .array(of: .oneOf(["a", "b"]), count: 0...2)),
    ])

    @Test(
        "what fits passes",
        arguments: [
            ["name": "Ada"], ["name": "Ada", "age": 36, "unknown": true], ["name": "Ada", "age": .null],
            ["name": "Ada", "tags": ["a", "b"], "mail": "ada@example.org"],
        ] as [JSONValue])
    func fitting(value: JSONValue) throws {
        try Self.person.validate(value)
    }

    @Test(
        "what does not fit is a 422 that points at the place",
        arguments: [
            ([:], "/name"), (["name": ""], "/name"), (["name": "Adelaide"], "/name"), (["name": .null], "/name"),
            (["name": "Ada", "age": 200], "/age"), (["name": "Ada", "age": "36"], "/age"),
            (["name": "Ada", "mail": "nobody"], "/mail"), (["name": "Ada", "tags": ["a", "c"]], "/tags/1"),
            (["name": "Ada", "tags": ["a", "a", "a"]], "/tags"), ("Ada", ""), (["name": "A\u{0}"], "/name"),
        ] as [(JSONValue, String)])
    func misfits(value: JSONValue, pointer: String) {
        #expect {
            try Self.person.validate(value)
        } throws: { error in
            let problem = error as? Problem
            return problem?.status == 422 && problem?.members["field"] == .string(pointer)
        }
    }

    @Test("prints as JSON Schema")
    func printed() {
        let json = Self.person.json
        #expect(json["required"] == ["name"])
        #expect(json["properties"]?["age"]?["maximum"] == 150)
    }
}
