import Core

/// What an upload has to do with others (tus 1.0.0, concatenation).
enum UploadConcat: Sendable, Equatable {
    /// Parts of one final upload. A request's head, which lists them, is bounded as well.
    static let maxParts = 128

    /// Nothing.
    case alone
    /// A stretch of a file that is put together later; it never becomes a photo itself.
    case partial
    /// Partial uploads one after the other; `header` is how the client listed them.
    case final([UploadID], header: String)

    /// - Parameter baseURL: what the URLs of ours begin with.
    /// - Throws: `Problem` 400 `bad_concat`.
    init(_ header: String?, baseURL: String) throws(Problem) {
        guard let header else {
            self = .alone
            return
        }
        if header == "partial" {
            self = .partial
            return
        }
        guard header.hasPrefix("final;") else { throw Self.bad("it is neither partial nor a list of parts") }
        let urls = header.dropFirst("final;".count).split(separator: " ")
        guard (1...Self.maxParts).contains(urls.count) else { throw Self.bad("it lists 1 to \(Self.maxParts) parts") }
        var parts: [UploadID] = []
        for (index, url) in urls.enumerated() {
            guard let id = UploadAddress.id(String(url), baseURL: baseURL) else { throw Self.noPart(index) }
            parts.append(id)
        }
        self = .final(parts, header: header)
    }

    /// What HEAD echoes; empty for none.
    var header: String {
        switch self {
        case .alone: ""
        case .partial: "partial"
        case .final(_, let header): header
        }
    }

    /// What is there and what is not is told apart for the uploader alone.
    static func noPart(_ index: Int) -> Problem {
        bad("number \(index + 1) of the list is no partial upload of yours in the same session")
    }

    private static func bad(_ reason: String) -> Problem {
        .badRequest("bad_concat", "Upload-Concat is not valid: \(reason).")
    }
}
