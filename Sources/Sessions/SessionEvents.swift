public import Core

/// The events this feature publishes: rows of the event table.
public enum SessionEvents {
    /// The thumbnail exists: the photo can be shown.
    public static let newPhoto = EventType(
        "new_photo", payload: PhotoView.schema, about: "A photo or video has appeared; its thumbnail can be fetched.")

    /// Received, ready or failed; or changed by people.
    public static let photoStatusUpdated = EventType(
        "photo_status_updated", payload: PhotoView.schema,
        about: """
            A photo has been received (desk only), all its renditions are there, it failed, or people have reviewed it or changed \
            what is written about it.
            """)

    /// Taken from the eyes of those who hear of it.
    public static let photoDeleted = EventType(
        "photo_deleted", payload: PhotoDeleted.schema,
        about: "A photo is to be seen no more: in the bin (desk), or rejected, hidden, moved or in the bin (guests).")

    /// Many photos are being changed at once; desk only.
    public static let batchProgress = EventType(
        "batch_progress", durability: .ephemeral, payload: BatchProgress.schema,
        about: "How far a change of many photos has come (desk only).")

    /// A session's photos are being derived anew; desk only.
    public static let renderingProgress = EventType(
        "rendering_progress", durability: .ephemeral, payload: RenderingView.schema,
        about: "How far the photos of a session have been derived anew, after a change of its watermark or renditions (desk only).")

    /// The session itself has changed.
    public static let sessionUpdated = EventType(
        "session_updated", payload: SessionView.schema,
        about: "A session has changed: what any guest may know of it, or for the desk what the staff may. `rights` are those of the least who hear of it.")

    /// Retention is about to delete a session; on the topics of those who manage it.
    public static let sessionExpiring = EventType(
        "session_expiring", payload: ExpiryNotice.schema,
        about: "A session is about to be deleted by its retention, in 7 days at the earliest; to each account that manages it.")

    /// An account belongs to a session now, as something else, or no more; on its own topic.
    public static let membershipChanged = EventType(
        "membership_changed", payload: MembershipNotice.schema,
        about: "The account has been taken into a session, has another role in it, or does not belong to it any more.")

    public static let all =
        [newPhoto, photoStatusUpdated, photoDeleted, batchProgress, renderingProgress, sessionUpdated, sessionExpiring, membershipChanged]
        + [photoLiked] + ofSelections + ofReports
}
