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

    public static let all = [newPhoto, photoStatusUpdated, photoDeleted, batchProgress, renderingProgress] + ofSelections
}
