import Core

/// The refusals of the protocol. Each also carries `Tus-Resumable`, which the routes add to every answer.
extension TusMachine {
    static let unsupportedVersion = Problem(
        412, "unsupported_tus_version", "Send Tus-Resumable: \(version).", headers: ["Tus-Version": version])
    static let gone = Problem(410, "upload_gone", "The upload has ended and takes no further part.")
    static let wrongContentType = Problem(
        415, "unsupported_content_type", "The bytes of an upload are sent as \(contentType).")
    static let excess = Problem.tooLarge("There are more bytes than the upload's length leaves room for.")
    static let inconsistentLength = Problem.badRequest(
        "inconsistent_upload_length", "The upload's length is known already, or smaller than what has arrived.")
    static let incompleteBody = Problem.badRequest(
        "incomplete_body", "The request ended before all its bytes had come; those that came are kept.")
    static let unverifiableBody = Problem.badRequest(
        "incomplete_body", "The request ended before all its bytes had come; without their checksum's match none is kept.")
    static let checksumMismatch = Problem(
        460, "checksum_mismatch", "The bytes are not those of the checksum; none of them is kept.")
    static let missingChecksum = Problem.badRequest(
        "bad_checksum", "The announced Upload-Checksum did not follow the body; none of its bytes is kept.")
    static let finalUpload = Problem.forbidden(
        "A final upload consists of others and takes no bytes itself.", code: "final_upload")
    static let finalLength = Problem.badRequest(
        "bad_concat", "A final upload has the length and the bytes of its parts: send neither.")
    static let locked = Problem(423, "upload_locked", "Another request holds this upload.")
    static let insufficientStorage = Problem(507, "insufficient_storage", "There is not enough free disk for this file.")

    static let storageUnavailable = Problem.unavailable(
        "storage_unavailable", "The storage cannot take bytes now; those that were confirmed are kept.", retryAfter: 2)

    static func tooLarge(_ maxSize: Int64) -> Problem { .tooLarge("A file has at most \(maxSize) bytes.") }

    /// 409 with the offset that holds, so that the client can go on from there.
    static func mismatch(expected: Int64, given: Int64) -> Problem {
        Problem(
            409, "upload_offset_mismatch", "The upload stands at \(expected) bytes, not \(given).",
            members: ["expectedOffset": .integer(expected), "providedOffset": .integer(given)],
            headers: ["Upload-Offset": String(expected)])
    }

    static func problem(for fault: UploadFault, maxSize: Int64) -> Problem {
        switch fault {
        case .gone: gone
        case .offset(let expected, let given): mismatch(expected: expected, given: given)
        case .inconsistentLength: inconsistentLength
        case .excess: excess
        case .tooLarge: tooLarge(maxSize)
        }
    }
}
