import Core
import Crypto

/// An archive as it is given: a listing, or the first files of one.
///
/// Its tag names how many files it has and what they are. Who goes on with an archive that has grown since names the tag of
/// the one they began, and is given that one: it is still there, as the first files of this one.
struct ArchiveContents: Sendable {
    let listing: ArchiveListing
    let layout: ArchiveLayout
    /// The strong entity tag, without quotes.
    let tag: String

    init(_ listing: ArchiveListing) { self.init(listing, listing.layout) }

    private init(_ listing: ArchiveListing, _ layout: ArchiveLayout) {
        (self.listing, self.layout) = (listing, layout)
        tag = Self.tag(listing, layout)
    }

    /// In quotes.
    var etag: String { "\"\(tag)\"" }

    /// The archive with that tag, if it is this one or was, before files were added.
    func earlier(_ tag: String) -> ArchiveContents? {
        if tag == self.tag { return self }
        guard let dash = tag.firstIndex(of: "-"), let count = Int(tag[..<dash]), (1..<layout.count).contains(count) else { return nil }
        let found = ArchiveContents(listing, layout.prefix(count))
        return found.tag == tag ? found : nil
    }

    /// The archive that a request goes on with.
    /// - Parameter tags: as in `If-Range` or `If-Match`.
    func earlier(among tags: String) -> ArchiveContents? {
        Self.named(among: tags).flatMap { earlier($0) }
    }

    /// The first of these that could be the tag of an archive, and is not just something. Of the others nothing is known: each takes a
    /// look at all files, and a client that goes on has one.
    static func named(among tags: String) -> String? {
        tags.split(separator: "\"").prefix(2).map(String.init).first { tag in
            let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
            return parts.count == 2 && Int(parts[0]) != nil && parts[1].utf8.count == 32 && parts[1].allSatisfy(\.isHexDigit)
        }
    }

    /// A file of the archive, described as far as it takes to read it.
    func file(_ index: Int) -> ArchivedFile? {
        guard let key = listing.objectKey(of: index) else { return nil }
        let digest = listing.digest(of: index).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ArchivedFile(
            name: layout.name(of: index), objectKey: key, size: layout.size(of: index), sha256: digest, crc32: nil,
            modifiedAt: Timestamp(milliseconds: Int64(layout.time(of: index)) * 1000),
            form: form(index))
    }

    private func form(_ index: Int) -> ArchivedFile.Form {
        if listing.isMissing(index) { return .missing }
        return listing.isPlaceless(index) ? .placeless(crc32: layout.crc32(of: index)) : .stored
    }

    private static func tag(_ listing: ArchiveListing, _ layout: ArchiveLayout) -> String {
        var hash = SHA256()
        var lines = Array("zip \(ArchiveLayout.version) \(PlaceRemoval.version)\n".utf8)
        for index in 0..<layout.count {
            lines += layout.nameBytes(of: index)
            // No name has this byte.
            lines.append(0)
            for number in [layout.size(of: index), Int64(layout.crc32(of: index)), Int64(layout.time(of: index))] {
                withUnsafeBytes(of: number.littleEndian) { lines.append(contentsOf: $0) }
            }
            lines.append(listing.isPlaceless(index) ? 0x70 : listing.isMissing(index) ? 0x6D : 0x73)
            lines += listing.digest(of: index)
            if lines.count >= 64 << 10 {
                hash.update(data: lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        hash.update(data: lines)
        let digest = hash.finalize().prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(layout.count)-\(digest)"
    }
}
