/// A fragment of a fragmented MP4 (ISO/IEC 14496-12 section 8.8): a `moof` box and the media data after it.
struct FilmFragment: Equatable {
    /// Ticks of the picture's track, from the track's beginning.
    var start: Int64
    /// Ticks.
    var duration: Int64
    /// Begins with a frame that can be decoded by itself.
    var isSync: Bool
    /// Bytes from the file's start.
    var offset: UInt64
    var length: UInt64
}

/// Finds the fragments of a file.
struct FilmFragments: Equatable {
    /// Bytes in front of the first fragment: what every segment needs.
    var initialization: UInt64
    var fragments: [FilmFragment]

    /// Fragments looked at, and bytes of each one's index.
    private static let maximumCount = 1_000_000
    private static let longestIndex: UInt64 = 32 << 20

    /// Walks through the outermost boxes.
    /// - Parameters:
    ///   - track: the picture's track.
    ///   - size: bytes of the file.
    ///   - read: gives up to `count` bytes at an offset.
    /// - Returns: `nil` when this is no fragmented MP4, or a cut one.
    init?(track: UInt32, size: UInt64, read: (_ offset: UInt64, _ count: Int) throws -> [UInt8]) rethrows {
        (initialization, fragments) = (0, [])
        var offset: UInt64 = 0
        while offset < size {
            guard let box = BoxHeader(try read(offset, BoxHeader.maximumLength), remaining: size - offset),
                box.length <= size - offset
            else { return nil }
            if box.kind == "moof" {
                guard box.length <= Self.longestIndex, fragments.count < Self.maximumCount else { return nil }
                add(MovieFragment(try read(offset, Int(box.length)), track: track), at: offset)
            }
            if fragments.isEmpty { initialization += box.length } else { fragments[fragments.count - 1].length += box.length }
            offset += box.length
        }
        if fragments.isEmpty { return nil }
    }

    /// One without a picture belongs to the one before it.
    private mutating func add(_ index: MovieFragment?, at offset: UInt64) {
        let end = fragments.last.map { $0.start &+ $0.duration } ?? 0
        fragments.append(
            FilmFragment(
                start: index?.start ?? end, duration: index?.duration ?? 0, isSync: index?.isSync ?? false, offset: offset,
                length: 0))
    }
}

/// What a `moof` box says of one track.
private struct MovieFragment {
    var start: Int64 = 0
    var duration: Int64 = 0
    var isSync = false
    private var hasSamples = false
    private var defaultDuration: UInt64 = 0
    private var defaultFlags: UInt64 = 0

    /// Of a sample that needs others to be decoded (section 8.8.3.1).
    private static let dependent: UInt64 = 0x1_0000

    /// `nil` when there is nothing of the track.
    init?(_ moof: [UInt8], track: UInt32) {
        for traf in Self.children(of: moof[...]) where traf.kind == "traf" {
            var candidate = MovieFragment()
            guard candidate.read(Self.children(of: traf.bytes), track), candidate.hasSamples else { continue }
            self = candidate
            return
        }
        return nil
    }

    private init() {}

    /// False for another track.
    private mutating func read(_ boxes: [(kind: String, bytes: ArraySlice<UInt8>)], _ track: UInt32) -> Bool {
        var isOurs = false
        for box in boxes {
            var bytes = ByteReader(box.bytes.dropFirst(8))
            guard let head = bytes.number(4) else { return false }
            let (version, flags) = (head >> 24, head & 0xFF_FFFF)
            switch box.kind {
            case "tfhd":
                isOurs = bytes.number(4) == UInt64(track)
                readDefaults(&bytes, flags)
            case "tfdt": start = Int64(clamping: bytes.number(version == 1 ? 8 : 4) ?? 0)
            case "trun" where isOurs: readRun(&bytes, flags)
            default: break
            }
        }
        return isOurs
    }

    /// Section 8.8.7.1.
    private mutating func readDefaults(_ bytes: inout ByteReader, _ flags: UInt64) {
        if flags & 0x1 != 0 { _ = bytes.number(8) }
        if flags & 0x2 != 0 { _ = bytes.number(4) }
        if flags & 0x8 != 0 { defaultDuration = bytes.number(4) ?? 0 }
        if flags & 0x10 != 0 { _ = bytes.number(4) }
        if flags & 0x20 != 0 { defaultFlags = bytes.number(4) ?? 0 }
    }

    /// Section 8.8.8.1.
    private mutating func readRun(_ bytes: inout ByteReader, _ flags: UInt64) {
        guard let count = bytes.number(4), count > 0 else { return }
        if flags & 0x1 != 0 { _ = bytes.number(4) }
        let firstFlags = flags & 0x4 != 0 ? bytes.number(4) : nil
        // Without any field of its own, every sample is like the first.
        let alike = flags & 0xF00 == 0 ? Int64(count) : 1
        for index in 0..<(alike > 1 ? 1 : count) {
            // As a field that is announced has to be there, no count is longer than the box.
            guard let length = flags & 0x100 != 0 ? bytes.number(4) : defaultDuration,
                flags & 0x200 == 0 || bytes.number(4) != nil,
                let own = flags & 0x400 != 0 ? bytes.number(4) : defaultFlags,
                flags & 0x800 == 0 || bytes.number(4) != nil
            else { return }
            if !hasSamples { isSync = (index == 0 ? firstFlags ?? own : own) & Self.dependent == 0 }
            hasSamples = true
            duration = duration &+ Int64(length) &* alike
        }
    }

    private static func children(of box: ArraySlice<UInt8>) -> [(kind: String, bytes: ArraySlice<UInt8>)] {
        var found: [(String, ArraySlice<UInt8>)] = []
        var rest = box.dropFirst(8)
        while let header = BoxHeader(Array(rest.prefix(BoxHeader.maximumLength)), remaining: UInt64(rest.count)),
            header.length <= rest.count
        {
            found.append((header.kind, rest.prefix(Int(header.length))))
            rest = rest.dropFirst(Int(header.length))
        }
        return found
    }
}

/// Big-endian numbers, one after the other.
private struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// `nil` past the end.
    mutating func number(_ count: Int) -> UInt64? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
