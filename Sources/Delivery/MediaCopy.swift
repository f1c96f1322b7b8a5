import Core
import NIOCore

/// What of a stored file one reader gets: the file, or something made of it, which is another file to caches and
/// conditionals.
struct MediaCopy: Sendable {
    enum Content: Sendable {
        case stored
        /// A document with the reader's grant in its URLs.
        case text(ByteBuffer)
        /// The file without the place it tells.
        case patched(BytePatches)
    }

    /// As the catalogue knows it.
    let stored: MediaFile
    /// As the answer describes it.
    let described: MediaFile
    let content: Content
    /// The path that the stored file has by right: see `FoundMedia`.
    var standsInFrom: MediaPath?
    /// Whether it was chosen by what the client accepts.
    var isChosen = false

    init(_ file: MediaFile) { self.init(file, as: file, .stored) }

    init(_ document: GrantedDocument, of file: MediaFile) {
        self.init(file, as: document.file, .text(document.bytes))
    }

    /// A file without patches is the stored one, byte for byte.
    init(_ file: MediaFile, _ patches: BytePatches) {
        guard !patches.isEmpty else {
            self.init(file)
            return
        }
        var described = file
        described.sha256 += "-placeless\(PlaceRemoval.version)"
        self.init(file, as: described, .patched(patches))
    }

    private init(_ stored: MediaFile, as described: MediaFile, _ content: Content) {
        (self.stored, self.described, self.content) = (stored, described, content)
    }

    /// Whether the same URL gives the same bytes to all readers, and for good: not so an original that may tell a place, after
    /// a change of the session's settings, and what something else will take the place of.
    var isLasting: Bool { stored.place == .untold && standsInFrom == nil }

    /// `nil` for a file without its place, as the stored one is as old, and for what is as old as what it stands in for.
    var modifiedAt: Timestamp? {
        if standsInFrom != nil { return nil }
        if case .patched = content { return nil }
        return described.modifiedAt
    }

    /// Whether its bytes are those of the object in the store.
    var isStored: Bool {
        if case .stored = content { return true }
        return false
    }
}
