import Core
import Foundation

/// Something that the desk does to photos; to each it is done as a whole or not at all.
enum PhotoOperation: Sendable {
    case review(ReviewState, note: String?)
    /// Approves and hides no more.
    case publish
    case hide
    case addTags([String])
    case removeTags([String])
    case change(PhotoChange)
    /// The clock of a camera was wrong by so many milliseconds.
    case shiftTime(Int64)
    /// Gives a photo its place: the position in the list of those that are arranged.
    case arrange
    case stack(PhotoID?)
    case delete
    case restore

    /// What the log of changes calls it.
    var name: String {
        switch self {
        case .review(let state, _): "photos_\(state.rawValue)"
        case .publish: "photos_published"
        case .hide: "photos_hidden"
        case .addTags: "photos_tagged"
        case .removeTags: "photos_untagged"
        case .change: "photos_edited"
        case .shiftTime: "photos_time_shifted"
        case .arrange: "photos_arranged"
        case .stack: "photos_stacked"
        case .delete: "photos_deleted"
        case .restore: "photos_restored"
        }
    }

    /// Whether whoever took a photo may do it to that photo without the right to edit those of others.
    var isForPhotographers: Bool {
        switch self {
        case .review, .publish, .hide, .arrange: false
        case .addTags, .removeTags, .change, .shiftTime, .stack, .delete, .restore: true
        }
    }

    /// Whether it can be done to what is in the bin: what is hidden there stays hidden once it is brought back.
    private var isForBinned: Bool {
        switch self {
        case .restore, .delete, .hide: true
        default: false
        }
    }

    /// Why it cannot be done to a photo.
    struct Refusal: Error, Equatable {
        let code: String
        let detail: String

        static let deleted = Refusal(code: "deleted", detail: "The photo is in the bin: restore it first.")
        static let tooManyTags = Refusal(
            code: "too_many_tags", detail: "A photo has at most \(Curation.maximumTags) tags.")
        static let notFound = Refusal(code: "not_found", detail: "The session has no such photo.")
        static let forbidden = Refusal(code: "forbidden", detail: "Only those who may edit all photos, or who took it, can do that.")
        static let processing = Refusal(code: "processing", detail: "The photo is being processed: try again when that is over.")
        static let duplicate = Refusal(code: "duplicate", detail: "The other session has the same photo already.")
        static let quota = Refusal(code: "quota_exceeded", detail: "The other session has no room for it.")
        static let busy = Refusal(code: "busy", detail: "Others were changing the same photos: try again.")
    }

    /// What becomes of a photo.
    /// - Parameters:
    ///   - index: its place among those that are changed.
    ///   - reviewer: who does it; `nil` for nobody with an account.
    ///   - zone: whose time of day cameras say that know no offset.
    /// - Returns: the photo as it is to be, equal to what it was when there is nothing to do.
    func applied(
        to photo: Photo, index: Int, by reviewer: UserID?, in zone: TimeZone = .gmt, at now: Timestamp
    ) throws(Refusal) -> Photo {
        var photo = photo
        if photo.curation.binnedAt != nil, !isForBinned { throw .deleted }
        switch self {
        case .review(let state, let note): photo.curation.decide(state, note, by: reviewer, at: now)
        case .publish:
            photo.curation.decide(.approved, nil, by: reviewer, at: now)
            photo.curation.isHidden = false
        case .hide: photo.curation.isHidden = true
        case .addTags(let tags): photo.curation.tags = try Self.bounded(Curation.tags(photo.curation.tags + tags))
        case .removeTags(let tags): photo.curation.tags.removeAll(where: Set(Curation.tags(tags)).contains)
        case .change(let change): try photo.apply(change, in: zone)
        case .shiftTime(let milliseconds): photo.shiftTime(by: milliseconds, in: zone)
        case .arrange: photo.curation.position = Int64(index)
        case .stack(let stack): photo.curation.stackID = stack
        case .delete: photo.curation.binnedAt = photo.curation.binnedAt ?? now
        case .restore: photo.curation.binnedAt = nil
        }
        return photo
    }

    fileprivate static func bounded(_ tags: [String]) throws(Refusal) -> [String] {
        guard tags.count <= Curation.maximumTags else { throw .tooManyTags }
        return tags
    }
}

extension Curation {
    /// Says what guests may see of it; to say the same again changes nothing.
    fileprivate mutating func decide(_ state: ReviewState, _ note: String?, by reviewer: UserID?, at now: Timestamp) {
        let note = note.flatMap { $0.isEmpty ? nil : $0 }
        if review == state, self.note == note { return }
        (review, self.note, reviewerID, reviewedAt) = (state, note, reviewer, now)
    }
}

extension Photo {
    fileprivate mutating func apply(_ change: PhotoChange, in zone: TimeZone) throws(PhotoOperation.Refusal) {
        curation.title = change.title.map(\.?.nonEmpty) ?? curation.title
        curation.caption = change.caption.map(\.?.nonEmpty) ?? curation.caption
        curation.category = change.category.map(\.?.nonEmpty) ?? curation.category
        if let tags = change.tags { curation.tags = try PhotoOperation.bounded(Curation.tags(tags)) }
        curation.rating = change.rating ?? curation.rating
        curation.isFeatured = change.isFeatured ?? curation.isFeatured
        curation.position = change.position ?? curation.position
        if let time = change.capturedAt { setTime(time?.nonEmpty, in: zone) }
    }

    /// Corrects the capture time; `nil` goes back to what the file says.
    private mutating func setTime(_ text: String?, in zone: TimeZone) {
        curation.capturedAt = text
        takenAt = CaptureTime.moment(capturedAt, in: zone) ?? createdAt
    }

    fileprivate mutating func shiftTime(by milliseconds: Int64, in zone: TimeZone) {
        let time = capturedAt.flatMap { CaptureTime.shifted($0, by: milliseconds) }
        setTime(time ?? (takenAt + .milliseconds(milliseconds)).description, in: zone)
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
