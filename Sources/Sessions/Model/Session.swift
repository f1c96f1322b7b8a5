public import Core

/// A shoot: the live gallery with its settings and its access code.
public struct Session: Sendable, Equatable {
    public var id: SessionID
    public var ownerID: UserID
    public var title: String
    public var about: String
    public var status: Status
    /// As its owner wrote it; compared without regard to case.
    public var accessCode: String
    public var settings: SessionSettings
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    /// What may happen in it.
    public enum Status: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Guests look, photographers upload.
        case active
        /// Guests look; nothing new comes in.
        case ended
    }
}

/// What the owner decides about a session.
public struct SessionSettings: Sendable, Equatable {
    /// What guests who came in by the access code may save.
    public var downloads = Downloads.watermarked
    /// Guests see where a photo was taken.
    public var showLocation = false
    /// Guests see camera, lens and exposure.
    public var showCamera = true
    /// Whose photos wait for the desk before guests see them.
    public var review = Review.guests
    /// Files of one picture (RAW and JPEG, a still and its clip) become one photo.
    public var pairFiles = true
    /// Photos and videos it can have; 0 leaves that to the house.
    public var maxFiles = 0
    /// Bytes its originals can have together; 0 leaves that to the house.
    public var maxBytes: Int64 = 0
    /// Laid over renditions in place of the house's mark; `nil` for that.
    public var watermark: Watermark?
    /// Renditions bear no mark at all, not even the house's.
    public var watermarkOff = false
    /// What its renditions have otherwise than the house's; `nil` for nothing.
    public var renditions: RecipeChange?

    public init() {}

    /// What its photos are to become.
    /// - Parameter house: what they become in sessions that want nothing else.
    func recipe(from house: Recipe) -> Recipe {
        var recipe = house.changed(by: renditions)
        recipe.watermark = watermarkOff ? nil : watermark ?? house.watermark
        return recipe
    }

    /// - Throws: `Problem` 422 when there is no recipe that does as they say.
    func check(in house: Recipe) throws {
        if let fault = watermark?.fault {
            throw Problem.invalid("/settings/watermark/\(fault.member)", "watermark/\(fault.member) \(fault.rule).")
        }
        if let fault = recipe(from: house).fault {
            throw Problem.invalid("/settings/renditions/\(fault.member)", "renditions/\(fault.member): \(fault.rule).")
        }
    }

    /// What may be uploaded into it.
    var quota: UploadQuota {
        UploadQuota(files: maxFiles > 0 ? maxFiles : nil, bytes: maxBytes > 0 ? maxBytes : nil)
    }

    /// What a guest who comes in by the code may do.
    var guestRights: Rights { downloads.rights.union(.view) }

    /// What may be saved of what can be seen.
    public enum Downloads: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Nothing.
        case none
        /// Renditions, with the mark they bear.
        case watermarked
        /// The clean originals, too.
        case original

        var rights: Rights {
            switch self {
            case .none: []
            case .watermarked: .download
            case .original: [.download, .original]
            }
        }
    }
}

extension SessionSettings {
    /// The older name of `downloads`, which knew only the last of its values from the others.
    public var guestDownloads: Bool {
        get { downloads == .original }
        set { if newValue != guestDownloads { downloads = newValue ? .original : .watermarked } }
    }
}

extension SessionSettings: WireType {
    public static let schema = Schema.object([
        .optional(
            "downloads", .oneOf(Downloads.allCases.map(\.rawValue)),
            "What guests may save: nothing, what they see, or the originals; `watermarked` unless said."),
        .optional("guestDownloads", .boolean, "Guests may fetch the originals: the same as `downloads` being `original`, which wins."),
        .optional("showLocation", .boolean, "Guests see where a photo was taken; false unless said."),
        .optional("showCamera", .boolean, "Guests see camera, lens and exposure; true unless said."),
        .optional(
            "review", .oneOf(Review.allCases.map(\.rawValue)),
            """
            Whose photos wait for the desk before guests see them; `guests` unless said. What comes by a key or link that may \
            `publish` never does.
            """),
        .optional(
            "pairFiles", .boolean,
            "RAW and JPEG, or a still and its clip, of the same name become one photo; true unless said. For files to come."),
        .optional("maxFiles", .integer(0...1_000_000_000), "Files it can have; 0, unless said, is no limit of its own."),
        .optional("maxBytes", .integer(0...Int64.max), "Bytes of all originals; 0, unless said, is no limit of its own."),
        .optional("watermark", Watermark.schema, "Laid over all renditions but `thumb`; null goes back to the house's, if it has one."),
        .optional("watermarkOff", .boolean, "No watermark, not even the house's; false unless said."),
        .optional("renditions", RecipeChange.schema, "What is derived; null goes back to the house's. A change derives all photos anew."),
    ])

    private enum CodingKeys: String, CodingKey {
        case downloads, guestDownloads, showLocation, showCamera, review, pairFiles, maxFiles, maxBytes, watermark, watermarkOff,
            renditions
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let initial = SessionSettings()
        guestDownloads = try container.decodeIfPresent(Bool.self, forKey: .guestDownloads) ?? initial.guestDownloads
        downloads = try container.decodeIfPresent(Downloads.self, forKey: .downloads) ?? downloads
        showLocation = try container.decodeIfPresent(Bool.self, forKey: .showLocation) ?? initial.showLocation
        showCamera = try container.decodeIfPresent(Bool.self, forKey: .showCamera) ?? initial.showCamera
        review = try container.decodeIfPresent(Review.self, forKey: .review) ?? initial.review
        pairFiles = try container.decodeIfPresent(Bool.self, forKey: .pairFiles) ?? initial.pairFiles
        maxFiles = try container.decodeIfPresent(Int.self, forKey: .maxFiles) ?? initial.maxFiles
        maxBytes = try container.decodeIfPresent(Int64.self, forKey: .maxBytes) ?? initial.maxBytes
        watermark = try container.decodeIfPresent(Watermark.self, forKey: .watermark)
        watermarkOff = try container.decodeIfPresent(Bool.self, forKey: .watermarkOff) ?? initial.watermarkOff
        renditions = try container.decodeIfPresent(RecipeChange.self, forKey: .renditions)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(downloads, forKey: .downloads)
        try container.encode(guestDownloads, forKey: .guestDownloads)
        try container.encode(showLocation, forKey: .showLocation)
        try container.encode(showCamera, forKey: .showCamera)
        try container.encode(review, forKey: .review)
        try container.encode(pairFiles, forKey: .pairFiles)
        try container.encode(maxFiles, forKey: .maxFiles)
        try container.encode(maxBytes, forKey: .maxBytes)
        try container.encodeIfPresent(watermark, forKey: .watermark)
        try container.encode(watermarkOff, forKey: .watermarkOff)
        try container.encodeIfPresent(renditions, forKey: .renditions)
    }
}
