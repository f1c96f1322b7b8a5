public import Core

/// The events this feature publishes: rows of the event table.
public enum SessionEvents {
    /// The thumbnail exists: the photo can be shown.
    public static let newPhoto = EventType(
        "new_photo", payload: PhotoView.schema, about: "A photo or video has appeared; its thumbnail can be fetched.")

    /// Received, ready or failed.
    public static let photoStatusUpdated = EventType(
        "photo_status_updated", payload: PhotoView.schema,
        about: "A photo has been received (desk only), all its renditions are there, or it failed.")

    public static let all = [newPhoto, photoStatusUpdated]
}
