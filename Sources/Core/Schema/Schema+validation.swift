import Foundation

extension Schema {
    /// Checks a value; members that an object does not declare are let pass, so that clients may be newer than servers.
    /// - Parameter path: the JSON pointer (RFC 6901) of the value.
    /// - Throws: `Problem` 422 `invalid_field` with the pointer of the first value that does not fit.
    public func validate(_ value: JSONValue, at path: String = "") throws {
        switch (self, value) {
        case (.any, _), (.boolean, .bool), (.nullable, .null): return
        case (.nullable(let inner), _): try inner.validate(value, at: path)
        case (.integer(let range), .integer(let number)):
            try require(range.contains(number), path, "must lie between \(range.lowerBound) and \(range.upperBound)")
        case (.number(let range), .integer(let number)):
            try require(range.contains(Double(number)), path, "must lie between \(range.lowerBound) and \(range.upperBound)")
        case (.number(let range), .number(let number)):
            try require(range.contains(number), path, "must lie between \(range.lowerBound) and \(range.upperBound)")
        case (.string(let range), .string(let text)): try validate(text, length: range, at: path)
        case (.formatted(let format), .string(let text)):
            try require(format.matches(text), path, "must be a valid \(format.rawValue)")
        case (.oneOf(let choices), .string(let text)):
            try require(choices.contains(text), path, "must be one of \(choices.joined(separator: ", "))")
        case (.array(let element, let range), .array(let items)):
            try require(range.contains(items.count), path, "must have \(range.lowerBound) to \(range.upperBound) items")
            for (index, item) in items.enumerated() { try element.validate(item, at: "\(path)/\(index)") }
        case (.dictionary(let element), .object(let members)):
            for (name, member) in members { try element.validate(member, at: "\(path)/\(name)") }
        case (.object(let fields), .object(let members)):
            for field in fields { try field.validate(in: members, at: path) }
        default: throw Problem.invalid(path, "\(Self.label(path)) must be \(kind).")
        }
    }

    private func validate(_ text: String, length range: ClosedRange<Int>, at path: String) throws {
        let bounds = range.lowerBound == 0 ? "at most \(range.upperBound)" : "\(range.lowerBound) to \(range.upperBound)"
        try require(range.contains(text.unicodeScalars.count), path, "must have \(bounds) characters")
        try require(!text.unicodeScalars.contains { $0.value == 0 }, path, "must not contain NUL")
    }

    private func require(_ holds: Bool, _ path: String, _ rule: String) throws {
        guard holds else { throw Problem.invalid(path, "\(Self.label(path)) \(rule).") }
    }

    private static func label(_ path: String) -> String { path.isEmpty ? "The body" : path.dropFirst().description }

    private var kind: String {
        switch self {
        case .any: "any value"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string, .formatted, .oneOf: "text"
        case .array: "a list"
        case .dictionary, .object: "an object"
        case .nullable(let inner): inner.kind
        }
    }
}

extension Schema.Field {
    fileprivate func validate(in members: [String: JSONValue], at path: String) throws {
        let value = members[name] ?? .null
        if value == .null, !isRequired { return }
        if value == .null, members[name] == nil { throw Problem.invalid("\(path)/\(name)", "\(name) is missing.") }
        try schema.validate(value, at: "\(path)/\(name)")
    }
}

extension Schema.Format {
    fileprivate func matches(_ text: String) -> Bool {
        switch self {
        case .uuid: Identifier<Never>(text) != nil
        case .dateTime: Timestamp(text) != nil
        case .email: isEmail(text)
        case .uri: URL(string: text)?.scheme != nil
        }
    }

    /// One `@`, something on both sides, no spaces or controls: the rest only the mail server knows.
    private func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].count >= 1 && text.utf8.count <= 254
            && text.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
    }
}
