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
    /// When and where it is, and of what kind.
    public var occasion = Occasion()
    /// What has become of it so far.
    var history = SessionHistory()
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// Since when it waits to be removed; nobody finds it any more but its owner, in the bin.
    public var deletedAt: Timestamp?

    /// What may happen in it.
    public enum Status: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Guests look, photographers upload.
        case active
        /// Everybody looks; guests send nothing.
        case paused
        /// Guests look; nothing new comes in.
        case ended
        /// The staff looks, guests are out, and nothing changes.
        case archived
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
    /// Whether guests who may upload can do so now.
    public var guestUpload = true
    /// Guests neither enter nor see anything before; `nil` for no such moment.
    public var releaseAt: Timestamp?
    /// Guests neither enter nor see anything from then on; `nil` for no such moment.
    public var expireAt: Timestamp?
    /// What becomes of it by itself, some time after its end; `nil` for nothing.
    public var retention: Retention?

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
        if let releaseAt, let expireAt, expireAt <= releaseAt {
            throw Problem.invalid("/settings/expireAt", "expireAt must be after releaseAt.")
        }
        try retention?.check()
    }

    /// What may be uploaded into it.
    var quota: UploadQuota {
        UploadQuota(files: maxFiles > 0 ? maxFiles : nil, bytes: maxBytes > 0 ? maxBytes : nil)
    }

    /// What a guest who comes in by the code may do.
    var guestRights: Rights { downloads.rights.union(.view) }

    /// Whose photos somebody looks at before guests see them.
    public enum Review: String, Sendable, Codable, CaseIterable {
        /// Nobody's: all are shown as soon as they can be.
        case none
        /// Guests'; the staff's are shown as soon as they can be.
        case guests
        /// Everybody's.
        case all

        /// Whether what was sent by somebody whom nobody has called trusted has to be looked at first.
        func asks(about upload: CompletedUpload) -> Bool {
            switch self {
            case .none: false
            case .guests: upload.uploaderID == nil
            case .all: true
            }
        }
    }

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
