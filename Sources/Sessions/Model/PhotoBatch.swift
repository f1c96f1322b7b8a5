import Core
import Foundation

/// The same done to many photos of a session.
struct PhotoBatch: WireType {
    var id: UUID?
    var sessionId: SessionID
    var photoIds: [PhotoID]
    var action: Action
    var note: String?
    var tags: [String]?
    var change: PhotoChange?
    var milliseconds: Int64?
    var targetSessionId: SessionID?

    enum Action: String, Codable, CaseIterable, Sendable {
        case approve, reject, pend, publish, hide, tag, untag, edit, shiftTime, arrange, stack, unstack, move, delete, restore, destroy
        case rerender, download
    }

    static let maximum = 5000
    private static let year: Int64 = 31_536_000_000

    static let schema = Schema.object([
        .optional("id", .formatted(.uuid), "What events of its progress are to call it."),
        .field("sessionId", .formatted(.uuid)),
        .field("photoIds", .array(of: .formatted(.uuid), count: 1...maximum), "In the order in which `arrange` puts them."),
        .field(
            "action", .oneOf(Action.allCases.map(\.rawValue)),
            """
            `approve`, `reject`, `pend` (back to pending) and `publish` (approves, and hides no more) take a `note`; `tag` and `untag` need \
            `tags`, `edit` needs `change`, `shiftTime` needs `milliseconds`, `move` needs `targetSessionId`. `arrange` gives photos the \
            order of the list; `stack` has the first one stand for all. `delete` puts into the bin for 30 days, `destroy` removes for \
            good. `download` answers with the URL of an archive.
            """),
        .optional("note", .string(0...1000)),
        .optional("tags", .array(of: .string(1...64), count: 1...Curation.maximumTags)),
        .optional("change", PhotoChange.schema),
        .optional("milliseconds", .integer(-10 * year...10 * year), "What the camera's clock lacked."),
        .optional("targetSessionId", .formatted(.uuid)),
    ])

    /// What is done to each photo's curation; `nil` for actions that are more than that.
    /// - Throws: `Problem` 422 when what the action needs is missing.
    func operation() throws -> PhotoOperation? {
        switch action {
        case .approve: .review(.approved, note: note)
        case .reject: .review(.rejected, note: note)
        case .pend: .review(.pending, note: note)
        case .publish: .publish
        case .hide: .hide
        case .tag: .addTags(try needed(tags, "tags"))
        case .untag: .removeTags(try needed(tags, "tags"))
        case .edit: .change(try needed(change, "change"))
        case .shiftTime: .shiftTime(try needed(milliseconds, "milliseconds"))
        case .arrange: .arrange
        case .stack: .stack(try head())
        case .unstack: .stack(nil)
        case .delete: .delete
        case .restore: .restore
        case .move, .destroy, .rerender, .download: nil
        }
    }

    private func head() throws -> PhotoID? {
        guard photoIds.count <= Bursts.maximum else {
            throw Problem.invalid("/photoIds", "A stack has at most \(Bursts.maximum) photos.")
        }
        return photoIds.first
    }

    func needed<Value>(_ value: Value?, _ member: String) throws -> Value {
        guard let value else { throw Problem.invalid("/\(member)", "\(action.rawValue) needs \(member).") }
        return value
    }
}

/// What became of a batch.
struct PhotoBatchResult: WireType {
    var id: UUID
    var action: PhotoBatch.Action
    var done: Int
    var failed: Int
    var results: [Item]
    var archive: String?

    struct Item: Codable, Sendable, Equatable {
        var photoId: PhotoID
        var code: String?
        var detail: String?

        init(_ photo: PhotoID, _ refusal: PhotoOperation.Refusal?) {
            (photoId, code, detail) = (photo, refusal?.code, refusal?.detail)
        }
    }

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("action", .oneOf(PhotoBatch.Action.allCases.map(\.rawValue))),
        .field("done", .integer(0...Int64.max)),
        .field("failed", .integer(0...Int64.max)),
        .field(
            "results",
            .array(
                of: .object([
                    .field("photoId", .formatted(.uuid)),
                    .optional("code", .string(), "Why it was not done; missing where it was."),
                    .optional("detail", .string()),
                ])), "One for each photo, in the order of the request; of one that was named twice, one."),
        .optional("archive", .string(), "The path of the archive, after `download`; opens for the caller as it is."),
    ])
}

/// How far a batch has come.
struct BatchProgress: WireType {
    var id: UUID
    var sessionId: SessionID
    var action: PhotoBatch.Action
    var done: Int
    var failed: Int
    var total: Int

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)), .field("sessionId", .formatted(.uuid)),
        .field("action", .oneOf(PhotoBatch.Action.allCases.map(\.rawValue))),
        .field("done", .integer(0...Int64.max)), .field("failed", .integer(0...Int64.max)),
        .field("total", .integer(0...Int64.max)),
    ])
}
