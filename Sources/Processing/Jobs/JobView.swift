import Core
import WebServer

/// A job on the wire.
struct JobView: WireType, Equatable {
    let id: JobID
    let photoId: PhotoID
    let sessionId: SessionID
    let filename: String
    let state: String
    let priority: String?
    let attempts: Int
    let failure: FailureView?
    let nextAttemptAt: Timestamp?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    init(_ record: JobRecord) {
        id = record.id
        photoId = record.photoID
        sessionId = record.sessionID
        filename = record.filename
        state = record.state.rawValue
        priority = record.state == .done ? nil : record.priority.name
        attempts = record.attempts
        failure = record.failure.map(FailureView.init)
        nextAttemptAt = record.nextAttemptAt
        createdAt = record.createdAt
        updatedAt = record.updatedAt
    }

    static let schema: Schema = .object([
        .field("id", .formatted(.uuid)), .field("photoId", .formatted(.uuid)), .field("sessionId", .formatted(.uuid)),
        .field("filename", .string()),
        .field("state", .oneOf(JobState.allCases.map(\.rawValue))),
        .optional(
            "priority", .oneOf(JobPriority.allCases.map(\.name)),
            "What comes next: `thumbnail` before `renditions` before `rerender` before `wish`, and `film` beside them. Absent when all is done."),
        .field("attempts", .integer(0...Int64.max), "Begun since it was queued, or tried again by hand."),
        .optional("failure", FailureView.schema, "Why it failed; of one that waits, why its last attempt did."),
        .optional("nextAttemptAt", .formatted(.dateTime), "Absent when it is tried as soon as it is its turn, or no more."),
        .field("createdAt", .formatted(.dateTime)),
        .field("updatedAt", .formatted(.dateTime), "When it came into its state, or to the next part of the work."),
    ])
}
