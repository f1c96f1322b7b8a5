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

    /// A session's photos are being derived anew; desk only.
    public static let renderingProgress = EventType(
        "rendering_progress", durability: .ephemeral, payload: RenderingView.schema,
        about: "How far the photos of a session have been derived anew, after a change of its watermark or renditions (desk only).")

    public static let all = [newPhoto, photoStatusUpdated, renderingProgress]
}
