/// What a house or a session wants otherwise than the recipe it would get; what is `nil` stays as it is.
public struct RecipeChange: Sendable, Hashable, Codable {
    /// All sizes, ascending, `thumb` first.
    public var sizes: [Recipe.Size]?
    /// What every size is written as; JPEG among them.
    public var formats: [MediaFormat]?
    /// What stays of the metadata.
    public var metadata: Recipe.Metadata?
    /// Whether pictures that move are made as such, and in which size.
    public var animation: Animation?

    /// What becomes of a picture that moves, besides its stills.
    public enum Animation: String, Sendable, Codable, CaseIterable {
        /// Nothing.
        case off
        /// It moves, as large as that size at most.
        case medium, large

        /// As recipes have it.
        public var size: RenditionName? {
            switch self {
            case .off: nil
            case .medium: .medium
            case .large: .large
            }
        }
    }

    /// A change; see the properties of the same names.
    public init(
        sizes: [Recipe.Size]? = nil, formats: [MediaFormat]? = nil, metadata: Recipe.Metadata? = nil, animation: Animation? = nil
    ) {
        self.sizes = sizes
        self.formats = formats
        self.metadata = metadata
        self.animation = animation
    }
}

extension Recipe {
    /// The recipe with a change. Where its size for pictures that move is no longer one, and no other is wanted, they stay still.
    public func changed(by change: RecipeChange?) -> Recipe {
        var recipe = self
        recipe.sizes = change?.sizes ?? sizes
        recipe.formats = change?.formats ?? formats
        recipe.metadata = change?.metadata ?? metadata
        if let wanted = change?.animation {
            recipe.animation = wanted.size
        } else if change?.sizes != nil, !recipe.sizes.contains(where: { $0.name == animation }) {
            recipe.animation = nil
        }
        return recipe
    }

    /// Names that a size of a picture can have.
    public static let sizeNames: [RenditionName] = [.thumb, .small, .medium, .large]
    /// Formats that pictures can be written in.
    public static let pictureFormats: [MediaFormat] = [.jpeg, .webp, .avif, .png]
    /// Pixels of the smallest size, which events show at once: little, and never watermarked.
    public static let thumbEdges = 64...1024
    /// Pixels of the others.
    public static let longEdges = 64...8192

    /// What is wrong with it, as the name of a member and a rule; `nil` when it can be followed.
    public var fault: (member: String, rule: String)? {
        if let rule = sizesFault { return ("sizes", rule) }
        guard formats.contains(.jpeg) else { return ("formats", "jpeg must be among them: every client can show it") }
        guard Set(formats).count == formats.count, formats.allSatisfy(Self.pictureFormats.contains) else {
            return ("formats", "each of \(Self.pictureFormats.map(\.rawValue).joined(separator: ", ")) at most once")
        }
        guard animation.map({ name in sizes.contains { $0.name == name } }) ?? true else {
            return ("animation", "it must be the name of one of the sizes")
        }
        return watermark?.fault.map { ("watermark.\($0.member)", $0.rule) }
    }

    private var sizesFault: String? {
        guard sizes.first?.name == .thumb else { return "the first size must be thumb" }
        guard Set(sizes.map(\.name)).count == sizes.count, sizes.allSatisfy({ Self.sizeNames.contains($0.name) }) else {
            return "each of \(Self.sizeNames.map(\.rawValue).joined(separator: ", ")) at most once"
        }
        guard zip(sizes, sizes.dropFirst()).allSatisfy({ $0.longEdge < $1.longEdge }) else {
            return "each size must be larger than the one before"
        }
        for size in sizes {
            let edges = size.name == .thumb ? Self.thumbEdges : Self.longEdges
            guard edges.contains(size.longEdge) else {
                return "\(size.name.rawValue) must have \(edges.lowerBound) to \(edges.upperBound) pixels"
            }
            guard (1...100).contains(size.quality) else { return "quality must lie between 1 and 100" }
        }
        return nil
    }
}

extension RecipeChange: WireType {
    public static let schema = Schema.object([
        .optional(
            "sizes",
            .array(
                of: .object([
                    .field("name", .oneOf(Recipe.sizeNames.map(\.rawValue))),
                    .field("longEdge", .integer(64...8192), "Pixels; `thumb` at most 1024."),
                    .field("quality", .integer(1...100)),
                ]), count: 1...4),
            "All sizes, `thumb` first, each larger than the one before."),
        .optional(
            "formats", .array(of: .oneOf(Recipe.pictureFormats.map(\.rawValue)), count: 1...4),
            "What every size is written as; `jpeg` among them."),
        .optional(
            "metadata", .oneOf(Recipe.Metadata.allCases.map(\.rawValue)),
            "What stays in them of the metadata: copyright and creator (`rights`), or nothing."),
        .optional(
            "animation", .oneOf(RecipeChange.Animation.allCases.map(\.rawValue)),
            "Whether GIF and WebP files that move also become a moving `animation`, and as large as which size."),
    ])
}
