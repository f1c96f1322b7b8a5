extension Schema {
    /// A value of this shape for people to read in the documents; `validate` lets it pass. Always the same for one schema.
    public var example: JSONValue { example(of: "") }

    /// The same for a value that has a name.
    /// - Parameter name: of the member or parameter; what it usually holds is shown, as far as that fits.
    public func example(of name: String) -> JSONValue {
        TellingValues.of(name, self) ?? plain(name)
    }

    /// A value that says nothing but its kind.
    private func plain(_ name: String) -> JSONValue {
        switch self {
        case .any: [:]
        case .boolean: true
        case .integer(let range): .integer(min(max(1, range.lowerBound), range.upperBound))
        case .number(let range): .number(min(max(0.5, range.lowerBound), range.upperBound))
        case .string(let range): .string(Self.text(range))
        case .formatted(let format): format.example
        case .oneOf(let choices): choices.first.map(JSONValue.string) ?? .null
        case .array(let element, let range): .array(elements(element, name, range))
        case .dictionary(let element): [TellingValues.member(of: name): element.example(of: name)]
        case .object(let fields):
            .object(Dictionary(fields.map { ($0.name, $0.shown) }, uniquingKeysWith: { _, last in last }))
        case .nullable(let inner): inner.example(of: name)
        }
    }

    private func elements(_ element: Schema, _ name: String, _ range: ClosedRange<Int>) -> [JSONValue] {
        Array(repeating: element.example(of: TellingValues.singular(name)), count: min(max(1, range.lowerBound), range.upperBound))
    }

    /// A word, as long as it has to be.
    private static func text(_ length: ClosedRange<Int>) -> String {
        let word = "text"
        let repeated = String(repeating: word, count: max(1, (length.lowerBound + word.count - 1) / word.count))
        return String(repeated.prefix(max(length.lowerBound, min(word.count, length.upperBound))))
    }

    /// Whether `validate` lets the value pass.
    func fits(_ value: JSONValue) -> Bool { (try? validate(value)) != nil }
}

extension Schema.Field {
    /// Its own example, or one made of its schema.
    var shown: JSONValue { example ?? schema.example(of: name) }
}

extension Schema.Format {
    fileprivate var example: JSONValue {
        switch self {
        case .uuid: "01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"
        case .dateTime: "2026-06-20T15:04:05.000Z"
        case .email: "anna@example.org"
        case .uri: "https://photos.example.org/"
        }
    }
}
