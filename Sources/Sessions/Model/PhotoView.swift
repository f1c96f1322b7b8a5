public import Core

/// A photo or video as staff or a guest sees it; the same in answers and in events.
public struct PhotoView: WireType, Equatable {
    public var id: PhotoID
    public var sessionId: SessionID
    public var kind: MediaFacts.Kind
    public var status: Photo.Status
    public var contentType: String
    public var size: Int64
    public var width: Int?
    public var height: Int?
    public var capturedAt: String?
    public var title: String?
    public var caption: String?
    public var category: String?
    public var tags: [String]
    public var isFeatured: Bool
    public var stackId: PhotoID?
    public var likes: Int
    /// What the caller thinks of it; only in answers.
    public var isLiked: Bool?
    public var isFavourite: Bool?
    public var createdAt: Timestamp
    public var isDamaged: Bool
    /// A ThumbHash in Base64, for the time before any picture has come.
    public var placeholder: String?
    public var dominantColour: String?
    public var perceptualHash: PerceptualHash?
    public var exif: MediaFacts.Exif?
    public var video: MediaFacts.Video?
    public var renditions: [RenditionView]
    /// Only for those who may fetch it.
    public var original: OriginalView?
    /// All files of the photo, the displayed one first; only for those who may fetch them.
    public var originals: [OriginalFileView]?
    /// Staff only, as is all below.
    public var filename: String?
    public var failure: FailureView?
    public var uploaderId: UserID?
    public var uploaderName: String?
    public var favourites: Int?
    public var editorial: MediaFacts.Editorial?
    public var review: ReviewState?
    public var reviewNote: String?
    public var reviewerId: UserID?
    public var reviewedAt: Timestamp?
    public var isHidden: Bool?
    public var deletedAt: Timestamp?
    public var rating: Int?
    public var position: Int64?
    /// Only when one photo is asked for.
    public var metadata: [MediaFacts.Tag]?

    /// - Parameters:
    ///   - rights: what the reader holds in the session.
    ///   - grant: signed into every URL; `nil` leaves the plain paths, as in events.
    ///   - marks: what the reader thinks of it; `nil` leaves that out, as in events.
    ///   - metadata: everything that was written into the file; guests are told nothing of it.
    init(
        _ photo: Photo, _ files: PhotoFiles, _ settings: SessionSettings, rights: Rights, grant: String?,
        marks: Set<PhotoMark>? = nil, metadata: [MediaFacts.Tag]? = nil
    ) {
        let forDesk = rights.contains(.desk)
        id = photo.id
        sessionId = photo.sessionID
        kind = photo.kind
        status = photo.status
        contentType = photo.contentType
        size = photo.size
        width = photo.facts?.width
        height = photo.facts?.height
        capturedAt = photo.capturedAt
        (title, caption, category) = (photo.curation.title, photo.curation.caption, photo.curation.category)
        (tags, isFeatured, stackId) = (photo.curation.tags, photo.curation.isFeatured, photo.curation.stackID)
        (likes, isLiked, isFavourite) = (photo.likes, marks?.contains(.like), marks?.contains(.favourite))
        createdAt = photo.createdAt
        isDamaged = photo.facts?.isDamaged ?? false
        placeholder = photo.facts?.placeholder
        dominantColour = photo.facts?.dominantColour
        perceptualHash = photo.facts?.perceptualHash
        exif = forDesk ? photo.facts?.exif : photo.facts?.exif?.asGuestsSee(settings)
        video = photo.facts?.video
        renditions = files.renditions.map { RenditionView($0, grant: grant) }
        // What no fact rules out may have failed all the same.
        if status == .ready, video?.asIs == nil, !renditions.contains(where: { $0.name == .hls }) { video?.asIs = .noCopy }
        if rights.contains(.original) {
            original = OriginalView(photo, grant: grant)
            originals =
                [OriginalFileView(photo, grant: grant)] + files.companions.map { OriginalFileView($0, grant: grant) }
        }
        guard forDesk else { return }
        filename = photo.filename
        failure = photo.failure.map(FailureView.init)
        (uploaderId, uploaderName, favourites) = (photo.uploaderID, photo.uploaderName, photo.favourites)
        editorial = photo.facts?.editorial
        (review, reviewNote) = (photo.curation.review, photo.curation.note)
        (reviewerId, reviewedAt) = (photo.curation.reviewerID, photo.curation.reviewedAt)
        (isHidden, deletedAt) = (photo.curation.isHidden, photo.curation.binnedAt)
        (rating, position) = (photo.curation.rating, photo.curation.position)
        self.metadata = metadata
    }

    public static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("kind", .oneOf(["photo", "video"])),
        .field("status", .oneOf(Photo.Status.allCases.map(\.rawValue))),
        .field("contentType", .string(), "Of the original."),
        .field("size", .integer(0...Int64.max), "Bytes of the original."),
        .optional("width", .integer(1...Int64.max), "Pixels, upright."),
        .optional("height", .integer(1...Int64.max), "Pixels, upright."),
        .optional("capturedAt", .string(), "RFC 3339; without an offset when the camera did not know it. As corrected by the desk."),
        .optional("title", .string(1...200)),
        .optional("caption", .string(1...5000)),
        .optional("category", .string(1...64)),
        .field("tags", .array(of: .string(1...64), count: 0...Curation.maximumTags), "In lower case."),
        .field("isFeatured", .boolean),
        .optional("stackId", .formatted(.uuid), "Names its stack: the id of the photo that stands for it, as long as that one can be seen."),
        .field("likes", .integer(0...Int64.max), "How many people like it."),
        .optional("isLiked", .boolean, "Whether the caller likes it. Not in events."),
        .optional("isFavourite", .boolean, "Whether it is a favourite of the caller's. Not in events."),
        .field("createdAt", .formatted(.dateTime), "When the last byte had come."),
        .field("isDamaged", .boolean, "Part of the file could not be decoded."),
        .optional("placeholder", .string(1...36), "A ThumbHash in Base64: a blurred picture for the time before any other has come."),
        .optional("dominantColour", .string(7...7), "The colour that most of the picture has, as in CSS: `#aabbcc`."),
        .optional(
            "perceptualHash", .string(16...16),
            "64 bits in hex that change little when the picture does: of one burst where 12 or fewer differ."),
        .optional("exif", .dictionary(of: .any), "Camera, lens, exposure; the place where the session shows it."),
        .optional(
            "video", .dictionary(of: .any),
            """
            Duration in milliseconds, container, streams, codecs and profiles, stored size, rotation in degrees clockwise, \
            frame rate, HDR, sound, and why there is no `hls`.
            """
        ),
        .field("renditions", .array(of: RenditionView.schema)),
        .optional("original", OriginalView.schema, "The displayed file. Only for those who may fetch it."),
        .optional(
            "originals", .array(of: OriginalFileView.schema),
            "All files of the photo, the displayed one first. Only for those who may fetch them."),
        .optional("filename", .string(), "Staff only."),
        .optional("failure", FailureView.schema, "Staff only."),
        .optional("uploaderId", .formatted(.uuid), "Staff only."),
        .optional("uploaderName", .string(), "What whoever sent it was called then: an account, or a guest. Staff only."),
        .optional("favourites", .integer(0...Int64.max), "Whose favourite it is, counted. Staff only."),
        .optional("editorial", MediaFacts.Editorial.schema, "What was written about the picture (IPTC, XMP). Staff only."),
        .optional("review", .oneOf(ReviewState.allCases.map(\.rawValue)), "Guests see approved photos. Staff only."),
        .optional("reviewNote", .string(0...1000), "Staff only."),
        .optional("reviewerId", .formatted(.uuid), "The account that decided last. Staff only."),
        .optional("reviewedAt", .formatted(.dateTime), "Staff only."),
        .optional("isHidden", .boolean, "Kept from guests, however it was reviewed. Staff only."),
        .optional("deletedAt", .formatted(.dateTime), "When it was put into the bin. Staff only."),
        .optional("rating", .integer(0...5), "Stars; 0 for none. Staff only."),
        .optional("position", .integer(), "Its place in the order that the desk gives. Staff only."),
        .optional(
            "metadata", .array(of: MediaFacts.Tag.schema, count: 1...MediaFacts.Tag.maximumCount),
            "Everything else in the file's metadata. Staff only, and only when one photo is asked for."),
    ])
}

extension MediaFacts.Editorial {
    fileprivate static let schema = Schema.object([
        .optional("title", .string()),
        .optional("caption", .string()),
        .optional("keywords", .array(of: .string(), count: 0...maximumKeywords)),
        .optional("rating", .integer(-1...5), "-1 for rejected, 0 for none, else stars."),
    ])
}

extension MediaFacts.Tag {
    fileprivate static let schema = Schema.object([
        .field("group", .string(), "Where in the file: `image`, `thumbnail`, `exif`, `gps`, `interoperability`."),
        .field("name", .string(), "The standard's name, e.g. `ExposureTime`."),
        .field("value", .string(), "For people to read, e.g. `1/250 sec.`."),
    ])
}

/// One derived file.
public struct RenditionView: WireType, Equatable {
    public var name: RenditionName
    public var format: MediaFormat
    public var contentType: String
    public var width: Int
    public var height: Int
    public var size: Int64
    public var url: String

    init(_ rendition: Rendition, grant: String?) {
        name = rendition.name
        format = rendition.format
        contentType = rendition.format.contentType
        width = rendition.width
        height = rendition.height
        size = rendition.size
        url = rendition.path.granted(grant)
    }

    public static let schema = Schema.object([
        .field("name", .oneOf(RenditionName.allCases.map(\.rawValue))),
        .field("format", .oneOf(MediaFormat.allCases.map(\.rawValue))),
        .field("contentType", .string()),
        .field("width", .integer(0...Int64.max), "Pixels."),
        .field("height", .integer(0...Int64.max), "Pixels."),
        .field("size", .integer(0...Int64.max), "Bytes."),
        .field("url", .string(), "Works for the caller as it is; in events append `?grant=` and your media token."),
    ])
}

/// The uploaded bytes.
public struct OriginalView: WireType, Equatable {
    public var url: String
    public var size: Int64
    public var sha256: String

    init(_ photo: Photo, grant: String?) {
        url = MediaPath.original(photo.originalID).text.granted(grant)
        size = photo.size
        sha256 = photo.sha256
    }

    public static let schema = Schema.object([
        .field("url", .string()),
        .field("size", .integer(0...Int64.max), "Bytes."),
        .field("sha256", .string(64...64), "Lower-case hex."),
    ])
}

/// One of the files that a photo was uploaded as.
public struct OriginalFileView: WireType, Equatable {
    public var role: Role
    public var filename: String
    public var contentType: String
    public var size: Int64
    public var sha256: String
    public var url: String

    /// What a file is to its photo.
    public enum Role: String, Sendable, Codable, CaseIterable { case primary, raw, motion }

    init(_ photo: Photo, grant: String?) {
        role = .primary
        filename = photo.filename
        contentType = photo.contentType
        size = photo.size
        sha256 = photo.sha256
        url = MediaPath.original(photo.originalID).text.granted(grant)
    }

    init(_ companion: Companion, grant: String?) {
        role = companion.role == .raw ? .raw : .motion
        filename = companion.filename
        contentType = companion.contentType
        size = companion.size
        sha256 = companion.sha256
        url = MediaPath.original(companion.id).text.granted(grant)
    }

    public static let schema = Schema.object([
        .field("role", .oneOf(Role.allCases.map(\.rawValue)), "`primary` is what the renditions are made of."),
        .field("filename", .string()),
        .field("contentType", .string()),
        .field("size", .integer(0...Int64.max), "Bytes."),
        .field("sha256", .string(64...64), "Lower-case hex."),
        .field("url", .string(), "Works for the caller as it is; in events append `?grant=` and your media token."),
    ])
}

extension MediaFacts.Exif {
    /// What is left for guests under a session's settings; `nil` when nothing is.
    fileprivate func asGuestsSee(_ settings: SessionSettings) -> MediaFacts.Exif? {
        var exif = settings.showCamera ? self : MediaFacts.Exif()
        exif.latitude = settings.showLocation ? latitude : nil
        exif.longitude = settings.showLocation ? longitude : nil
        exif.altitude = settings.showLocation ? altitude : nil
        return exif == MediaFacts.Exif() ? nil : exif
    }
}
