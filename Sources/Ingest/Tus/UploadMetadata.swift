import Core
import Foundation

/// The pairs of an `Upload-Metadata` header (tus 1.0.0, creation): read strictly, within bounds.
struct UploadMetadata: Sendable, Equatable {
    /// Bytes of the header.
    static let maxLength = 4096
    static let maxPairs = 32

    /// Unique keys; a key without a value has the empty text.
    private(set) var pairs: [String: String] = [:]

    /// - Throws: `Problem` 400 `bad_metadata`.
    init(_ header: String) throws(Problem) {
        guard header.utf8.count <= Self.maxLength else { throw Self.bad("it has more than \(Self.maxLength) bytes") }
        if header.isEmpty { return }
        let elements = header.split(separator: ",", omittingEmptySubsequences: false)
        guard elements.count <= Self.maxPairs else { throw Self.bad("it has more than \(Self.maxPairs) keys") }
        for element in elements { try add(element) }
    }

    /// The value under the first of these keys that is there and not empty.
    func value(_ keys: String...) -> String? {
        keys.lazy.compactMap { pairs[$0] }.first { !$0.isEmpty }
    }

    /// Says what the header has left unsaid.
    mutating func add(_ value: String?, under key: String) {
        if let value, !value.isEmpty, value.utf8.count <= Self.maxLength, pairs[key] == nil { pairs[key] = value }
    }

    private mutating func add(_ element: Substring) throws(Problem) {
        let parts = element.drop { $0 == " " }.split(separator: " ", omittingEmptySubsequences: false)
        guard let key = parts.first, Self.isKey(key), parts.count <= 2 else { throw Self.bad("a key is malformed") }
        guard pairs[String(key)] == nil else { throw Self.bad("a key appears twice") }
        pairs[String(key)] = parts.count == 2 ? try Self.decode(parts[1]) : ""
    }

    private static func isKey(_ key: Substring) -> Bool {
        (1...64).contains(key.utf8.count) && key.utf8.allSatisfy { (33...126).contains($0) }
    }

    private static func decode(_ value: Substring) throws(Problem) -> String {
        guard let data = Data(base64Encoded: String(value)), let text = String(data: data, encoding: .utf8) else {
            throw bad("a value is not the Base64 of UTF-8 text")
        }
        return text
    }

    private static func bad(_ reason: String) -> Problem {
        .badRequest("bad_metadata", "Upload-Metadata is not valid: \(reason).")
    }
}

extension UploadMetadata {
    /// Whether the upload of a file that is there already may be complete from the beginning. Clients of the protocols do not
    /// expect that, so theirs has to say so outright.
    var acceptsKnown: Bool { pairs["ifKnown"] == "complete" }

    /// What the pairs say about the file.
    /// - Throws: `Problem` 400 `upload_target_missing` or `bad_metadata`.
    func declaration(length: Int64?) throws(Problem) -> UploadDeclaration {
        let purpose = value("purpose") ?? "session"
        guard purpose == "session", let target = value("session", "sessionId", "target").flatMap(SessionID.init) else {
            throw Problem.badRequest(
                "upload_target_missing", "Upload-Metadata, or the query, must name the session that the file is for, as `session`.")
        }
        return UploadDeclaration(
            purpose: purpose, target: target.description,
            filename: SafeFileName.clean(value("filename", "name") ?? ""),
            contentType: MediaTypeName.clean(value("filetype", "type", "contentType") ?? ""),
            length: length, sha256: try sha256())
    }

    private func sha256() throws(Problem) -> String? {
        guard let text = value("sha256")?.lowercased() else { return nil }
        guard text.utf8.count == 64, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw Self.bad("sha256 must be 64 hexadecimal digits")
        }
        return text
    }
}
