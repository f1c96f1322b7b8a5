public import Core
import Foundation

/// What has been decided about whether guests may see a photo.
public enum ReviewState: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// Waits for somebody to look at it; guests do not see it.
    case pending
    case approved
    /// Guests do not see it.
    case rejected
}

/// What people have decided and written about a photo; nothing of it comes from the file.
public struct Curation: Sendable, Equatable {
    public var review = ReviewState.approved
    /// Why, for the desk and for whoever sent it.
    public var note: String?
    /// The account that decided last; `nil` when nobody did.
    public var reviewerID: UserID?
    public var reviewedAt: Timestamp?
    /// Kept from guests, however it was reviewed.
    public var isHidden = false
    /// When it was put into the bin; it can be brought back until it is purged.
    public var binnedAt: Timestamp?
    public var title: String?
    public var caption: String?
    public var category: String?
    /// In alphabetical order, each once; see `Curation.tag(_:)`.
    public var tags: [String] = []
    /// Stars, 0 to 5; 0 for none.
    public var rating = 0
    public var isFeatured = false
    /// Its place in the order that the desk gives: arranged photos come first, all others as they came.
    public var position: Int64
    /// The capture time as it should have been, RFC 3339; `nil` for what the camera says.
    public var capturedAt: String?
    /// Names its stack: the photo that stands for all of it, as long as that one can be seen; its own id for that one.
    public var stackID: PhotoID?

    public static let maximumTags = 64
    static let ratings = 0...5

    /// - Parameter position: by when it came: milliseconds.
    public init(position: Int64) { self.position = position }

    /// Whether guests may see it, once there is anything to be seen.
    public var isOpen: Bool { review == .approved && !isHidden && binnedAt == nil }

    /// One form for what people write in several: without white space around it or twice within, in lower case.
    /// - Returns: `nil` for what says nothing or is longer than 64 characters.
    public static func tag(_ text: String) -> String? {
        let plain = text.precomposedStringWithCanonicalMapping.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return (1...64).contains(plain.unicodeScalars.count) ? plain : nil
    }

    /// Tags in their one form and order.
    static func tags(_ texts: some Sequence<String>) -> [String] { Set(texts.compactMap(tag)).sorted() }
}
