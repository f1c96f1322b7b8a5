import Core

/// A picture that has been uploaded to be drawn by watermarks.
struct WatermarkPictureView: WireType {
    /// What a watermark names it by.
    var picture: String
    var width: Int
    var height: Int

    static let schema = Schema.object([
        .field("picture", .string(64...64), "Its SHA-256: what a watermark names it by."),
        .field("width", .integer(1...4096), "Pixels."),
        .field("height", .integer(1...4096), "Pixels."),
    ])
}

/// What a preview is asked of.
struct PreviewRequest: WireType {
    var watermark: Watermark?
    var photoId: PhotoID?
    var longEdge: Int?

    static let schema = Schema.object([
        .optional("watermark", Watermark.schema, "To be tried; the session's own, or the house's, unless said."),
        .optional("photoId", .formatted(.uuid), "A photo of the session; a neutral picture, dark to light, unless said."),
        .optional("longEdge", .integer(160...2048), "Pixels; 1280 unless said."),
    ])
}

/// What is to be derived anew.
struct RenderingRequest: WireType {
    var everything: Bool?

    static let schema = Schema.object([
        .optional("everything", .boolean, "Photos that follow the session's recipe already, too; false unless said.")
    ])
}
