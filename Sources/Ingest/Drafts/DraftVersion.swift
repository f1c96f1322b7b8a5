import HTTPTypes

/// An iteration of "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload), by its interop version, and what sets
/// it apart from the others. Versions 3, 4 and 5 are the drafts -01, -02 and -03; 6 is -04 and -05; 7 is -06 to -08; 8 is
/// -09 to -11; 9 is -12 and all that follow.
struct DraftVersion: Sendable, Hashable {
    static let known = 3...9

    /// The interop version whose rules hold.
    let number: Int
    /// The client has named it. Nobody else may be sent a 104, for it is meant for that version alone.
    let isDeclared: Bool

    /// - Parameters:
    ///   - field: `Upload-Draft-Interop-Version`; one that is not known counts as none.
    ///   - saysIncomplete: whether a request that names no version has `Upload-Incomplete` alone.
    init(_ field: String?, saysIncomplete: Bool = false) {
        if let number = StructuredField.count(field).flatMap({ Int(exactly: $0) }), Self.known.contains(number) {
            (self.number, isDeclared) = (number, true)
        } else {
            (number, isDeclared) = (saysIncomplete ? Self.known.lowerBound : Self.known.upperBound, false)
        }
    }

    /// Where a message says whether the upload is complete; version 3 says the opposite.
    var completeness: HTTPField.Name { number == 3 ? .uploadIncomplete : .uploadComplete }

    func completeness(_ isComplete: Bool) -> String { StructuredField.text(number == 3 ? !isComplete : isComplete) }

    /// Reads the same.
    func isComplete(_ field: String?) -> Bool? { StructuredField.boolean(field).map { number == 3 ? !$0 : $0 } }

    /// A 104 may also say how far the upload is.
    var informsOfProgress: Bool { isDeclared && number >= 5 }

    /// An append that does not say otherwise is the last one.
    var appendsEndUnlessSaid: Bool { number <= 6 }

    /// Final answers say the offset whenever there is one.
    var answersOffset: Bool { number <= 6 }

    /// A request that asks for the offset, or ends the upload, may not have fields of an append.
    var refusesStrayFields: Bool { number <= 6 }

    /// An upload that takes no part any more has never been.
    var forgetsEnded: Bool { number <= 6 }

    /// Appended bytes come as `application/partial-upload`.
    var requiresMediaType: Bool { number >= 6 }

    /// A message can tell and ask for the length, and is told the limits.
    var knowsLimits: Bool { number >= 6 }

    /// The key of the remaining lifetime in `Upload-Limit`.
    var lifetimeKey: String { number == 6 ? "expires" : "max-age" }

    /// What an append to a complete upload gets.
    enum Afterthought: Sendable {
        /// The last answer once more, if nothing is appended.
        case repeatAnswer
        case badRequest
        /// Gone if nothing is appended; otherwise the lengths disagree.
        case gone
    }

    var afterthought: Afterthought {
        switch number {
        case 6, 7: .badRequest
        case 8: .gone
        default: .repeatAnswer
        }
    }
}

// The header fields of the drafts. The names are constants of tokens, so making them cannot fail.
extension HTTPField.Name {
    static let uploadDraftInteropVersion = HTTPField.Name("Upload-Draft-Interop-Version")!
    static let uploadComplete = HTTPField.Name("Upload-Complete")!
    static let uploadIncomplete = HTTPField.Name("Upload-Incomplete")!
    static let uploadLimit = HTTPField.Name("Upload-Limit")!
    static let acceptPatch = HTTPField.Name("Accept-Patch")!
    static let contentDigest = HTTPField.Name("Content-Digest")!
    static let wantReprDigest = HTTPField.Name("Want-Repr-Digest")!
    static let reprDigest = HTTPField.Name("Repr-Digest")!
}

extension HTTPResponse.Status {
    static let uploadResumptionSupported = HTTPResponse.Status(code: 104, reasonPhrase: "Upload Resumption Supported")
}
