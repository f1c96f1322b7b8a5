/// A declared media type: a hint that is passed on, so it only has to be well-formed.
enum MediaTypeName {
    static let fallback = "application/octet-stream"

    /// `type/subtype` in lower case without parameters; the fallback for anything else.
    static func clean(_ text: String) -> String {
        let name = text.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, name.utf8.count <= 127, parts.allSatisfy(isToken) else { return fallback }
        return name
    }

    private static func isToken(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "!#$&-^_.+".utf8.contains($0) }
    }
}
