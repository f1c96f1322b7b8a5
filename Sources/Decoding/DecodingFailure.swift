import Core

/// Why a file cannot be processed, as it is reported to the server.
struct DecodingFailure: Error, Equatable {
    var reason: ProcessingFailure

    private init(_ code: String, _ detail: String) {
        self.reason = ProcessingFailure(code: code, detail: detail)
    }

    /// The content is of no kind that Lumiere reads.
    static func unsupported(_ detail: String = "This is no photo or video of a kind that Lumiere can read.") -> Self {
        Self("unsupported_format", detail)
    }

    /// The kind is known, but too much of the content is broken.
    static func damaged(_ what: String, _ reason: String = "") -> Self {
        Self("damaged", reason.isEmpty ? "\(what)." : "\(what): \(reason).")
    }

    static func tooLarge(_ detail: String) -> Self { Self("too_large", detail) }

    /// What would be written is larger than `ResourceLimits` allows.
    static let resultTooLarge = tooLarge("A file made of this one would be larger than a decoder may write.")

    static let outOfMemory = internalFailure("The decoder is out of memory.")

    /// Our own fault, or the machine's; trying again may help.
    static func internalFailure(_ detail: String) -> Self { Self("internal", detail) }
}
