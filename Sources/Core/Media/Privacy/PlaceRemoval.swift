/// Takes the coordinates out of an original without touching its pixels or its length: for guests of a session that
/// does not tell where it was. Pure; reads a file here and there and says which bytes to replace.
///
/// What is replaced: the GPS directories of Exif blocks and TIFF files, GeoTIFF's tags, the properties of XMP packets and
/// the data sets of IPTC that hold coordinates or name a place, the user data of films and their tracks that are no
/// picture or sound, and whole whatever may hold any of it in a form that cannot be changed in place: compressed or split
/// packets, signed claims about the file, segments that nobody knows, bytes behind the picture (a phone's film, for
/// instance). Makers' notes, which raw files cannot be developed without, and what the photographer put into words of
/// their own (titles, captions, keywords) stay.
public enum PlaceRemoval {
    /// Counted up when other bytes are replaced than before: what is handed out is another file then.
    public static let version = 2

    /// What is to be done with a file.
    public enum Outcome: Sendable, Equatable {
        /// Replace these bytes, none perhaps, and it tells no coordinates.
        case patches([BytePatch])
        /// Nobody can say what it tells, or not in time.
        case impossible
    }

    /// Looks through a file. What is read and looked at is bounded by a few times its size, and by 2 GiB.
    /// - Parameters:
    ///   - size: bytes of the file.
    ///   - isLate: whether it is time to give up; asked now and then.
    ///   - read: gives up to `count` bytes at an offset; fewer only at the file's end.
    /// - Throws: what `read` throws.
    public static func outcome(
        size: UInt64, isLate: @escaping () -> Bool = { false }, read: @escaping (_ offset: UInt64, _ count: Int) throws -> [UInt8]
    ) throws -> Outcome {
        let bytes = MediaBytes(size: size, isLate: isLate, read: read)
        var search = PlaceSearch(bytes)
        do {
            guard try search.run(MediaSniffer.sniff(bytes.bytes(0, MediaSniffer.window))) else { return .impossible }
        } catch is PlaceSearch.Unreadable {
            return .impossible
        } catch is MediaBytes.Exhausted {
            return .impossible
        }
        return .patches(search.patches)
    }
}

/// One look through a file for places.
struct PlaceSearch {
    /// The file's structure is not what it has to be.
    struct Unreadable: Error {}

    let bytes: MediaBytes
    private(set) var patches: [BytePatch] = []
    /// Segments, chunks, boxes and entries that may still be looked at: a file of millions is none of a camera's.
    private var budget = 400_000
    /// What has been looked through: any number of entries may refer to the same bytes.
    private var looks: Set<Look> = []
    /// Previews within which this one lies.
    var depth = 0

    /// As what bytes are looked through.
    enum Form { case tiff, packet, dataSets, resources, preview }

    private struct Look: Hashable {
        var form: Form
        var range: Range<UInt64>
    }

    /// Bytes of a block that is read at once.
    static let maximumBlock: UInt64 = 1 << 24
    /// Patches of one file.
    private static let maximumPatches = 50_000

    init(_ bytes: MediaBytes) { self.bytes = bytes }

    /// - Returns: whether files of that type can be looked through.
    mutating func run(_ type: SniffedType?) throws -> Bool {
        switch type {
        case .jpeg: try searchJPEG()
        case .png: try searchPNG()
        case .webp: try searchWebP()
        case .heic, .avif: try searchHEIF()
        case .tiff, .raw: try searchTIFF(at: 0, length: bytes.size)
        case .gif: try searchGIF()
        case .mp4, .mov: try searchFilm()
        case .webm, .matroska, nil: return false
        }
        return true
    }

    /// - Throws: `MediaBytes.Exhausted` when there is far too much of everything.
    mutating func spend() throws {
        budget -= 1
        if budget < 0 { throw MediaBytes.Exhausted() }
    }

    /// Whether bytes have not been looked through as that; they count as such from now on.
    mutating func isNew(_ range: Range<UInt64>, as form: Form) -> Bool { looks.insert(Look(form: form, range: range)).inserted }

    mutating func fill(_ range: Range<UInt64>, with byte: UInt8 = 0) throws {
        let range = range.clamped(to: 0..<bytes.size)
        if !range.isEmpty { try add(BytePatch(offset: range.lowerBound, content: .fill(byte, count: UInt64(range.count)))) }
    }

    /// What nobody can read goes, unless it is padding.
    mutating func clear(_ range: Range<UInt64>) throws {
        let range = range.clamped(to: 0..<bytes.size)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let part = try bytes.bytes(offset, Int(min(1 << 16, range.upperBound - offset)))
            guard !part.isEmpty, part.allSatisfy({ $0 == 0 }) else { return try fill(range) }
            offset += UInt64(part.count)
        }
    }

    mutating func replace(at offset: UInt64, _ content: [UInt8]) throws {
        try add(BytePatch(offset: offset, content: .bytes(content)))
    }

    private mutating func add(_ patch: BytePatch) throws {
        guard patches.count < Self.maximumPatches else { throw Unreadable() }
        patches.append(patch)
    }

    /// An Exif block: the place goes, or all of the block when it cannot be read.
    mutating func searchExif(_ range: Range<UInt64>) throws {
        guard isNew(range, as: .tiff) else { return }
        let found = patches.count
        do { try searchTIFF(at: range.lowerBound, length: UInt64(range.count)) } catch is Unreadable {
            patches.removeLast(patches.count - found)
            try fill(range)
        }
    }

    /// An XMP packet: the place goes, or all of the packet when it is too long to be read.
    mutating func searchXMP(_ range: Range<UInt64>) throws {
        guard isNew(range, as: .packet) else { return }
        guard range.count <= Self.maximumBlock else { return try fill(range, with: 0x20) }
        for part in XMPPlaces.find(in: try bytes.bytes(range.lowerBound, range.count)) {
            try fill(range.lowerBound + UInt64(part.lowerBound)..<range.lowerBound + UInt64(part.upperBound), with: 0x20)
        }
    }
}
