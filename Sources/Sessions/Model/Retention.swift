public import Core

/// What becomes of a session by itself, counted from its end.
public struct Retention: WireType, Equatable {
    /// Days until it is archived; `nil` for never.
    public var archiveAfterDays: Int?
    /// Days until it is deleted; `nil` for never.
    public var deleteAfterDays: Int?

    static let days: ClosedRange<Int64> = 0...36_500

    public static let schema = Schema.object([
        .optional("archiveAfterDays", .integer(days), "Days after its end until it is archived."),
        .optional(
            "deleteAfterDays", .integer(days),
            "Days after its end until it is deleted, never less than 7 days after its managers were told (`session_expiring`)."),
    ])

    /// - Throws: `Problem` 422 when it is to be archived after it is gone.
    func check() throws {
        if let archiveAfterDays, let deleteAfterDays, deleteAfterDays < archiveAfterDays {
            throw Problem.invalid("/settings/retention/deleteAfterDays", "deleteAfterDays must not be less than archiveAfterDays.")
        }
    }
}
