public import Core

extension SessionSettings: WireType {
    public static let schema = Schema.object([
        .optional(
            "downloads", .oneOf(Downloads.allCases.map(\.rawValue)),
            "What guests may save: nothing, what they see, or the originals; `watermarked` unless said."),
        .optional("guestDownloads", .boolean, "Guests may fetch the originals: the same as `downloads` being `original`, which wins."),
        .optional("showLocation", .boolean, "Guests see where a photo was taken; false unless said."),
        .optional("showCamera", .boolean, "Guests see camera, lens and exposure; true unless said."),
        .optional(
            "pairFiles", .boolean,
            "RAW and JPEG, or a still and its clip, of the same name become one photo; true unless said. For files to come."),
        .optional("maxFiles", .integer(0...1_000_000_000), "Files it can have; 0, unless said, is no limit of its own."),
        .optional("maxBytes", .integer(0...Int64.max), "Bytes of all originals; 0, unless said, is no limit of its own."),
        .optional("watermark", Watermark.schema, "Laid over all renditions but `thumb`; null goes back to the house's, if it has one."),
        .optional("watermarkOff", .boolean, "No watermark, not even the house's; false unless said."),
        .optional("renditions", RecipeChange.schema, "What is derived; null goes back to the house's. A change derives all photos anew."),
        .optional(
            "review", .oneOf(Review.allCases.map(\.rawValue)),
            """
            Whose photos are looked at by the staff before guests see them: nobody's, guests' or everybody's; `guests` unless said. What \
            comes by a key or link that may `publish` never waits.
            """),
        .optional("guestUpload", .boolean, "Guests who may upload can do so; true unless said."),
        .optional(
            "releaseAt", .formatted(.dateTime),
            "Until then guests neither enter nor see anything, but those who may only upload; null takes it back."),
        .optional("expireAt", .formatted(.dateTime), "From then on guests neither enter nor see anything, and it is archived; null takes it back."),
        .optional("retention", Retention.schema, "What becomes of it some time after its end; null: nothing."),
    ])

    private enum CodingKeys: String, CodingKey {
        case downloads, guestDownloads, showLocation, showCamera, pairFiles, maxFiles, maxBytes, watermark, watermarkOff, renditions
        case review, guestUpload, releaseAt, expireAt, retention
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let initial = SessionSettings()
        guestDownloads = try container.decodeIfPresent(Bool.self, forKey: .guestDownloads) ?? initial.guestDownloads
        downloads = try container.decodeIfPresent(Downloads.self, forKey: .downloads) ?? downloads
        showLocation = try container.decodeIfPresent(Bool.self, forKey: .showLocation) ?? initial.showLocation
        showCamera = try container.decodeIfPresent(Bool.self, forKey: .showCamera) ?? initial.showCamera
        pairFiles = try container.decodeIfPresent(Bool.self, forKey: .pairFiles) ?? initial.pairFiles
        maxFiles = try container.decodeIfPresent(Int.self, forKey: .maxFiles) ?? initial.maxFiles
        maxBytes = try container.decodeIfPresent(Int64.self, forKey: .maxBytes) ?? initial.maxBytes
        watermark = try container.decodeIfPresent(Watermark.self, forKey: .watermark)
        watermarkOff = try container.decodeIfPresent(Bool.self, forKey: .watermarkOff) ?? initial.watermarkOff
        renditions = try container.decodeIfPresent(RecipeChange.self, forKey: .renditions)
        review = try container.decodeIfPresent(Review.self, forKey: .review) ?? initial.review
        guestUpload = try container.decodeIfPresent(Bool.self, forKey: .guestUpload) ?? initial.guestUpload
        releaseAt = try container.decodeIfPresent(Timestamp.self, forKey: .releaseAt)
        expireAt = try container.decodeIfPresent(Timestamp.self, forKey: .expireAt)
        retention = try container.decodeIfPresent(Retention.self, forKey: .retention)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(downloads, forKey: .downloads)
        try container.encode(guestDownloads, forKey: .guestDownloads)
        try container.encode(showLocation, forKey: .showLocation)
        try container.encode(showCamera, forKey: .showCamera)
        try container.encode(pairFiles, forKey: .pairFiles)
        try container.encode(maxFiles, forKey: .maxFiles)
        try container.encode(maxBytes, forKey: .maxBytes)
        try container.encodeIfPresent(watermark, forKey: .watermark)
        try container.encode(watermarkOff, forKey: .watermarkOff)
        try container.encodeIfPresent(renditions, forKey: .renditions)
        try container.encode(review, forKey: .review)
        try container.encode(guestUpload, forKey: .guestUpload)
        try container.encodeIfPresent(releaseAt, forKey: .releaseAt)
        try container.encodeIfPresent(expireAt, forKey: .expireAt)
        try container.encodeIfPresent(retention, forKey: .retention)
    }

    /// Takes over what programs from before there were details of sessions do not know, and drop when they write settings.
    mutating func adopt(_ newer: SessionSettings) {
        (review, guestUpload, retention) = (newer.review, newer.guestUpload, newer.retention)
        (releaseAt, expireAt) = (newer.releaseAt, newer.expireAt)
    }
}
