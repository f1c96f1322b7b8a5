import Foundation

/// The file name in a `Content-Disposition` field (RFC 6266), read leniently: a client that writes it wrongly has a file
/// without a name, nothing worse.
enum ContentDisposition {
    /// `filename*` if it can be read, else `filename`.
    static func filename(_ field: String) -> String? {
        let parameters = parameters(field)
        return parameters["filename*"].flatMap(extended) ?? parameters["filename"]
    }

    /// Names in lower case; of a repeated one the first.
    private static func parameters(_ field: String) -> [String: String] {
        var found: [String: String] = [:]
        for part in split(field).dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let name = pair[0].trimmingCharacters(in: .whitespaces).lowercased()
            if found[name] == nil { found[name] = unquoted(pair[1].trimmingCharacters(in: .whitespaces)) }
        }
        return found
    }

    /// The parts between semicolons that stand in no quotes.
    private static func split(_ field: String) -> [String] {
        var parts = [""]
        var isQuoted = false, isEscaped = false
        for character in field {
            if character == ";" && !isQuoted {
                parts.append("")
                continue
            }
            if character == "\"" && !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && character == "\\" && !isEscaped
            parts[parts.count - 1].append(character)
        }
        return parts
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        var plain = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { plain.append(character) }
        }
        return plain
    }

    /// `UTF-8''file%20name` (RFC 8187 section 3.2).
    private static func extended(_ value: String) -> String? {
        let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return String(parts[2]).removingPercentEncoding
    }
}
