/// Which kinds of files may be uploaded, and how large each may be.
public struct MediaRules: Sendable, Equatable {
    /// A media type, or all that begin alike: `image/jpeg`, `video/*`, `image/x-*` (raw files).
    public struct Pattern: Sendable, Equatable {
        private let text: String

        /// - Returns: `nil` when nothing that Lumiere reads is called so.
        public init?(_ text: String) {
            self.text = DeclaredMedia.plain(text)
            guard MediaRules.readable.contains(where: matches) else { return nil }
        }

        func matches(_ type: String) -> Bool { text.hasSuffix("*") ? type.hasPrefix(text.dropLast()) : type == text }
    }

    /// What becomes of a file.
    public enum Verdict: Sendable, Equatable {
        case welcome
        /// None of its type may come.
        case unwanted
        /// It has more bytes than a file of its type may have.
        case tooLarge(limit: Int64)
    }

    /// Types that may come, of those that Lumiere reads; `nil` for all of them.
    public var allowed: [Pattern]?
    /// Bytes of the largest file of some types; of several that fit, the smallest number counts.
    public var limits: [(pattern: Pattern, bytes: Int64)] = []

    /// Everything that Lumiere reads, of any size.
    public init() {}

    /// Decides about a file of a type, a known one of `DeclaredMedia` or `SniffedType`.
    /// - Parameter size: bytes, if known.
    public func judge(_ type: String, size: Int64?) -> Verdict {
        let type = type == "image/heif" ? "image/heic" : type
        guard Self.readable.contains(type), allowed?.contains(where: { $0.matches(type) }) ?? true else { return .unwanted }
        let limit = limits.filter { $0.pattern.matches(type) }.map(\.bytes).min()
        if let limit, let size, size > limit { return .tooLarge(limit: limit) }
        return .welcome
    }

    /// Decides about a file by what its sender says of it. What says nothing is welcome: the bytes will tell.
    public func judge(name: String, declared: String, size: Int64?) -> Verdict {
        let plain = DeclaredMedia.plain(declared)
        let declared = DeclaredMedia.saysNothing(plain) ? nil : DeclaredMedia.type(declared: plain) ?? plain
        guard let named = DeclaredMedia.type(name: name) else { return declared.map { judge($0, size: size) } ?? .welcome }
        // Which of two media it is, the bytes will tell; a page is none, whatever its name.
        if let declared, !["image/", "video/"].contains(where: declared.hasPrefix) { return .unwanted }
        return judge(named, size: size)
    }

    public static func == (lhs: MediaRules, rhs: MediaRules) -> Bool {
        lhs.allowed == rhs.allowed && lhs.limits.elementsEqual(rhs.limits, by: ==)
    }

    /// Every type of a file that can become a photo or video.
    public static let readable: Set<String> = [
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/avif", "image/tiff", "image/x-raw",
        "image/x-adobe-dng", "image/x-canon-cr2", "image/x-canon-cr3", "image/x-canon-crw", "image/x-fuji-raf",
        "image/x-minolta-mrw", "image/x-nikon-nef", "image/x-olympus-orf", "image/x-panasonic-rw2", "image/x-pentax-pef",
        "image/x-samsung-srw", "image/x-sigma-x3f", "image/x-sony-arw",
        "video/mp4", "video/quicktime", "video/webm", "video/x-matroska",
    ]
}
