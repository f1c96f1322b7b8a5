import Core
import HTTPTypes

/// The refusals of the protocol. What every refusal carries besides is added by `refusal`.
extension DraftMachine {
    private static let types = "https://iana.org/assignments/http-problem-types#"

    static let wrongContentType = Problem(
        415, "unsupported_content_type", "The bytes of an upload are sent as \(contentType).",
        headers: ["Accept-Patch": contentType])
    static let strayFields = Problem.badRequest(
        "stray_upload_fields", "A request that sends no bytes has neither an offset nor a completeness.")
    static let missingOffset = Problem.badRequest("bad_upload_offset", "Upload-Offset must be a whole number of bytes.")
    static let inconsistentLength = Problem(
        400, "inconsistent_upload_length", "The request's lengths, or its bytes, do not fit to the upload's length.",
        members: [
            "type": .string(types + "inconsistent-upload-length"), "title": "Inconsistent Upload Length Values",
        ])
    /// The bytes that came were too many: they have made the upload invalid.
    static let exceeded = Problem(
        400, "inconsistent_upload_length", "There were more bytes than the upload's length; the upload has ended.",
        members: inconsistentLength.members)

    static func missingCompleteness(_ version: DraftVersion) -> Problem {
        .badRequest("bad_upload_complete", "\(version.completeness.rawName) must be ?1 or ?0.")
    }

    static func gone(_ version: DraftVersion) -> Problem {
        version.forgetsEnded ? .notFound("upload") : TusMachine.gone
    }

    static func completed(_ status: Int) -> Problem {
        Problem(
            status, "completed_upload", "The upload is complete: nothing can be appended.",
            members: ["type": .string(types + "completed-upload"), "title": "Upload Is Completed"])
    }

    static func mismatch(expected: Int64, given: Int64) -> Problem {
        Problem(
            409, "upload_offset_mismatch", "The upload stands at \(expected) bytes, not \(given).",
            members: [
                "type": .string(types + "mismatching-upload-offset"), "title": "Mismatching Upload Offset",
                "expected-offset": .integer(expected), "provided-offset": .integer(given),
            ],
            headers: ["Upload-Offset": String(expected)])
    }

    static func problem(for fault: UploadFault, _ version: DraftVersion, maxSize: Int64) -> Problem {
        switch fault {
        case .gone: gone(version)
        case .offset(let expected, let given): mismatch(expected: expected, given: given)
        case .inconsistentLength, .excess: inconsistentLength
        case .tooLarge: TusMachine.tooLarge(maxSize)
        }
    }

    /// A refusal with the fields that tell it from the answer of a complete upload.
    /// - Parameter upload: as it is now, where there is one.
    func refusal(_ problem: Problem, _ version: DraftVersion, on upload: Upload?, at now: Timestamp) -> Problem {
        var problem = problem
        // 460 is a word of tus alone.
        if problem.status == TusMachine.checksumMismatch.status { problem.status = 400 }
        problem.headers[version.completeness.rawName] = version.completeness(false)
        if problem.status == 413, version.knowsLimits {
            problem.headers["Upload-Limit"] = limits(version, lifetime: upload?.lifetime(at: now))
        }
        if version.answersOffset, let upload, !upload.isGone(at: now), problem.headers["Upload-Offset"] == nil {
            problem.headers["Upload-Offset"] = String(upload.offset)
        }
        return problem
    }
}
