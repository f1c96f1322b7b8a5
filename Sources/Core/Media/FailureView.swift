/// A failure as staff sees it: the same in answers about photos and about jobs.
public struct FailureView: WireType, Equatable {
    /// For programs: see `ProcessingFailure.code`.
    public let code: String
    /// What happened, in one sentence.
    public let detail: String
    /// What the photographer can do about it, in one sentence.
    public let help: String

    /// The failure with what helps.
    public init(_ failure: ProcessingFailure) {
        code = failure.code
        detail = failure.detail
        help = failure.help
    }

    public static let schema = Schema.object([
        .field("code", .string(), "Stable: act on it."), .field("detail", .string(), "What happened."),
        .field("help", .string(), "What the photographer can do."),
    ])
}

extension ProcessingFailure {
    /// The end of a job that somebody has cancelled.
    public static let cancelled = ProcessingFailure(code: "cancelled", detail: "Processing the file was cancelled.")

    /// What the photographer can do about it, in one sentence; also for codes of a later version.
    public var help: String {
        switch code {
        case "unsupported_format": "Export it as JPEG, PNG, TIFF, HEIC or MP4, and upload that."
        case "unsupported_type": "Export it as a type that is taken here, or ask whoever runs this service to take such files."
        case "damaged": "Copy the file from the card once more, or open it in an editor and export it anew, and upload that."
        case "too_large": "Export it smaller, and upload that."
        case "decoder_crashed": "Open it in an editor, export it anew, and upload that; the file itself is kept and can be downloaded."
        case "timed_out": "Try again when less is going on, or export it smaller or shorter, and upload that."
        case "cancelled": "Retry the job if the file is wanted after all."
        default: "The file is kept: try again later, and tell whoever runs this service if it fails again."
        }
    }
}
