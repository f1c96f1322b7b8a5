public import Core

/// A photo or video of a session as it is written down: a line of `photos.jsonl`.
public struct PhotoDocument: Codable, Sendable, Equatable {
    public var id: PhotoID
    public var kind: MediaFacts.Kind
    public var createdAt: Timestamp
    /// The displayed file first.
    public var files: [File]
    /// What people have decided and written about it.
    public var curation: CurationDocument
    /// What was found in the displayed file, for reading: whoever takes it over looks again.
    public var facts: MediaFacts?

    /// One of its files.
    public struct File: Codable, Sendable, Equatable {
        public var role: OriginalFileView.Role
        /// The sender's name for it.
        public var filename: String
        public var contentType: String
        /// Bytes.
        public var size: Int64
        /// Lower-case hex.
        public var sha256: String
        /// Where it lies beside this document, e.g. `originals/IMG_0412.JPG`; `nil` when it could not be had.
        public var path: String?
    }

    /// - Parameter companions: its files besides the displayed one.
    init(_ photo: Photo, _ companions: [Companion]) {
        (id, kind, createdAt, facts) = (photo.id, photo.kind, photo.createdAt, photo.facts)
        let displayed = File(
            role: .primary, filename: photo.filename, contentType: photo.contentType, size: photo.size, sha256: photo.sha256)
        files =
            [displayed]
            + companions.map {
                File(
                    role: $0.role == .raw ? .raw : .motion, filename: $0.filename, contentType: $0.contentType, size: $0.size,
                    sha256: $0.sha256)
            }
        curation = CurationDocument(photo.curation)
    }

    /// Leaves out files that could not be had. The first of the others is displayed: a RAW file alone is a photo, too.
    public mutating func leaveOutLost() {
        files.removeAll { $0.path == nil }
        if !files.isEmpty { files[0].role = .primary }
    }
}

/// `Curation` without what means something in one house only: who has reviewed.
public struct CurationDocument: Codable, Sendable, Equatable {
    public var review: ReviewState
    public var note: String?
    public var reviewedAt: Timestamp?
    public var isHidden: Bool
    public var title: String?
    public var caption: String?
    public var category: String?
    public var tags: [String]
    /// Stars, 0 to 5.
    public var rating: Int
    public var isFeatured: Bool
    public var position: Int64
    public var capturedAt: String?
    /// The photo that stands for its stack, by its number in this document.
    public var stackID: PhotoID?

    init(_ curation: Curation) {
        (review, note, reviewedAt, isHidden) = (curation.review, curation.note, curation.reviewedAt, curation.isHidden)
        (title, caption, category, tags) = (curation.title, curation.caption, curation.category, curation.tags)
        (rating, isFeatured, position) = (curation.rating, curation.isFeatured, curation.position)
        (capturedAt, stackID) = (curation.capturedAt, curation.stackID)
    }

    /// The same for a photo of this house, within what this house allows.
    /// - Parameter stack: the photo of this house that stands for its stack.
    func curation(stack: PhotoID?) -> Curation {
        var curation = Curation(position: position)
        (curation.review, curation.note, curation.reviewedAt, curation.isHidden) = (review, Self.text(note, 1000), reviewedAt, isHidden)
        (curation.title, curation.caption) = (Self.text(title, 200), Self.text(caption, 5000))
        curation.category = Self.text(category, 64)
        curation.tags = Array(Curation.tags(tags).prefix(Curation.maximumTags))
        curation.rating = min(max(rating, Curation.ratings.lowerBound), Curation.ratings.upperBound)
        (curation.isFeatured, curation.stackID) = (isFeatured, stack)
        curation.capturedAt = CaptureTime.moment(capturedAt) == nil ? nil : capturedAt
        return curation
    }

    /// What can be kept of a text: documents may come from anywhere.
    private static func text(_ text: String?, _ length: Int) -> String? {
        guard let text else { return nil }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value != 0 }.prefix(length)))
    }
}
