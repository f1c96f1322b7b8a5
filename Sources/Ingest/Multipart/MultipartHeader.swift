import Core
import Foundation

/// What a part of `multipart/form-data` says about itself (RFC 7578 section 4).
struct MultipartHeader: Sendable, Equatable {
    static let maxLength = 8 << 10
    static let maxLines = 16

    /// The form field.
    var name = ""
    /// As the sender wrote it; `nil` for a field that is no file.
    var filename: String?
    var contentType: String?

    /// - Parameter block: the header lines without the empty one at their end.
    /// - Throws: `Problem` 400 `bad_multipart`.
    init(_ block: [UInt8]) throws(Problem) {
        // Repaired, not refused: a name in another encoding is still a name.
        let text = String(decoding: block, as: UTF8.self)
        let lines = text.unicodeScalars.split(separator: "\r\n".unicodeScalars)
        guard lines.count <= Self.maxLines else { throw .multipart("a part has too many header lines") }
        var isFormData = false
        for line in lines {
            // A folded line (RFC 5322 section 2.2.3) begins with a blank; nobody who sends forms writes them.
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, !line[..<colon].contains(where: \.isBlank),
                line.allSatisfy({ $0 == "\t" || !$0.isControl })
            else {
                throw .multipart("a header line is malformed")
            }
            let value = String(line[line.index(after: colon)...]).trimmingCharacters(in: .whitespaces)
            switch String(line[..<colon]).lowercased() {
            case "content-disposition":
                guard !isFormData else { throw .multipart("a part has two dispositions") }
                try read(HeaderParameters(value))
                isFormData = true
            case "content-type": contentType = value
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else {
                    throw .multipart("a part is encoded; send its bytes as they are")
                }
            default: break
            }
        }
        guard isFormData else { throw .multipart("a part has no Content-Disposition") }
    }

    private mutating func read(_ disposition: HeaderParameters) throws(Problem) {
        guard disposition.value == "form-data", let name = disposition["name"] else {
            throw .multipart("a part's disposition is not that of a form field")
        }
        self.name = name
        // RFC 7578 section 4.2 has no filename*; those who send it mean what RFC 8187 says.
        filename = disposition["filename*"].flatMap(Self.extended) ?? disposition["filename"]
    }

    /// `UTF-8''%e2%82%ac.jpg` (RFC 8187 section 3.2); `nil` in other encodings.
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return parts[2].removingPercentEncoding
    }
}

/// A header field's value and its parameters: `form-data; name="a"; filename="b.jpg"`.
struct HeaderParameters: Sendable, Equatable {
    /// In lower case.
    private(set) var value = ""
    private var parameters: [String: String] = [:]

    /// Reads as much of it as makes sense; of a repeated parameter the first.
    init(_ text: String) {
        var rest = text.unicodeScalars[...]
        value = Self.token(&rest).lowercased()
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...]
            let name = Self.token(&rest).lowercased()
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            let content = rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)
            if parameters[name] == nil { parameters[name] = content }
        }
    }

    subscript(_ name: String) -> String? { parameters[name] }

    private static func token(_ rest: inout Substring.UnicodeScalarView) -> String {
        let end = rest.firstIndex { $0 == ";" || $0 == "=" } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(rest[..<end]).trimmingCharacters(in: .whitespaces)
    }

    /// Only quotes and backslashes are taken for escaped: browsers have sent whole Windows paths.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String {
        rest.removeFirst()
        var content = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                content.append(rest.removeFirst())
            } else {
                content.append(scalar)
            }
        }
        return String(content)
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}

extension Problem {
    static func multipart(_ reason: String) -> Problem {
        .badRequest("bad_multipart", "The body is not valid multipart/form-data: \(reason).")
    }
}
