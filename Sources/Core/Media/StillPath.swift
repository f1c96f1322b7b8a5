/// A still whose form is left to the server: `/media/{original}/{name}-{recipe}`, a rendition's path without its extension.
public struct StillPath: Sendable, Hashable {
    /// What it was derived from.
    public let originalID: OriginalID
    /// Its size, unless the client says how wide it needs it.
    public let name: RenditionName
    /// `Recipe.hash` of what made it.
    public let recipe: String

    /// A path; see the properties of the same names.
    public init(_ originalID: OriginalID, _ name: RenditionName, recipe: String) {
        (self.originalID, self.name, self.recipe) = (originalID, name, recipe)
    }

    /// Reads the two path segments after `/media/`; `nil` when they name no still.
    public init?(id: String, file: String) {
        guard let original = OriginalID(id), let (name, recipe) = RenditionName.parts(of: file), name.isStill else { return nil }
        self.init(original, name, recipe: recipe)
    }

    /// The path of the URL.
    public var text: String { "/media/\(originalID)/\(name.rawValue)-\(recipe)" }
}

extension RenditionName {
    /// Reads `{name}-{recipe}`.
    static func parts(of stem: String) -> (RenditionName, recipe: String)? {
        guard let dash = stem.firstIndex(of: "-"), let name = RenditionName(rawValue: String(stem[..<dash])) else { return nil }
        let recipe = String(stem[stem.index(after: dash)...])
        guard recipe.utf8.count == 12, recipe.utf8.allSatisfy({ (97...102).contains($0) || (48...57).contains($0) }) else {
            return nil
        }
        return (name, recipe)
    }
}
