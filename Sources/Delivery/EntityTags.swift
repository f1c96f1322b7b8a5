/// Entity tags as conditions list them (RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2).
enum EntityTags {
    /// Whether a list names a tag, or is `*`, which names every one.
    ///
    /// A list is read up to what is malformed: what comes after it names nothing, so that a condition that cannot be
    /// understood never saves anybody from what it was to prevent.
    /// - Parameters:
    ///   - tag: a strong one, in its quotes.
    ///   - weakly: whether `W/` makes no difference (section 8.8.3.2).
    static func list(_ list: String, names tag: String, weakly: Bool) -> Bool {
        var rest = list[...].utf8.trimmed
        if rest.elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) { return true }
        while true {
            rest = rest.drop { $0.isBlank || $0 == UInt8(ascii: ",") }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard let quoted = quoted(rest) else { return false }
            if weakly || !isWeak, quoted.elementsEqual(tag.utf8) { return true }
            rest = rest[quoted.endIndex...].drop(while: \.isBlank)
            guard rest.first == UInt8(ascii: ",") else { return false }
        }
    }

    /// What stands in quotes at the beginning, with them; a tag may hold commas, but no quotes and no blanks.
    private static func quoted(_ text: Substring.UTF8View) -> Substring.UTF8View? {
        let quote = UInt8(ascii: "\"")
        guard text.first == quote, let end = text.dropFirst().firstIndex(where: { $0 == quote || $0 <= 0x20 || $0 == 0x7f }),
            text[end] == quote
        else { return nil }
        return text[...end]
    }
}
