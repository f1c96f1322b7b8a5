/// Where the samples of one of a film's tracks lie (ISO/IEC 14496-12 section 8.7).
struct FilmTrack {
    /// What the track is for, four characters.
    var handler: String?
    /// The content of the box `stsc`: how many samples each chunk has.
    var chunkLengths: Range<UInt64>?
    /// The content of the box `stsz`, or of its compact form `stz2`.
    var sampleSizes: (content: Range<UInt64>, isCompact: Bool)?
    /// The content of the box `stco` or `co64`, with the bytes of an offset.
    var chunkOffsets: (content: Range<UInt64>, width: UInt64)?

    /// Pictures and sound.
    var isShown: Bool { handler == "vide" || handler == "soun" }

    private struct Chunk {
        var start: UInt64
        /// `nil` when only the next chunk tells: the units of fixed length in which sound is counted are not always bytes.
        var length: UInt64?
        var isShown: Bool
    }

    /// Chunks of all tracks that are looked at: half a million of two hours' film is many.
    private static let maximumChunks: UInt64 = 1_000_000
    /// Samples of one track.
    private static let maximumSamples: UInt64 = 8_000_000

    /// The bytes that pictures and sound take up, ascending and apart from each other.
    /// - Throws: `PlaceSearch.Unreadable` when the tables make no sense.
    static func shown(_ tracks: [FilmTrack], in bytes: MediaBytes) throws -> [Range<UInt64>] {
        var chunks: [Chunk] = []
        for track in tracks { try track.add(to: &chunks, bytes) }
        chunks.sort { $0.start < $1.start }
        var parts: [Range<UInt64>] = []
        // From the last on, where the next chunk begins is known.
        var next = bytes.size
        var following = bytes.size
        for chunk in chunks.reversed() {
            if chunk.start < following { (next, following) = (following, chunk.start) }
            guard chunk.isShown, chunk.start < bytes.size else { continue }
            let rest = bytes.size - chunk.start
            var end = chunk.start + min(chunk.length ?? (next - chunk.start), rest)
            while let later = parts.last, later.lowerBound <= end { end = max(end, parts.removeLast().upperBound) }
            if end > chunk.start { parts.append(chunk.start..<end) }
        }
        return parts.reversed()
    }

    private func add(to chunks: inout [Chunk], _ bytes: MediaBytes) throws {
        guard let (content, width) = chunkOffsets else {
            if isShown { throw PlaceSearch.Unreadable() }
            return
        }
        let count = try Self.count(at: 4, of: content, header: 8, bits: 8 * width, bytes)
        guard UInt64(chunks.count) + count <= Self.maximumChunks else { throw PlaceSearch.Unreadable() }
        let lengths = isShown ? try lengths(of: count, bytes) : nil
        for index in 0..<count {
            guard let start = try bytes.integer(content.lowerBound + 8 + index * width, Int(width)) else { throw PlaceSearch.Unreadable() }
            chunks.append(Chunk(start: start, length: lengths?[Int(index)], isShown: isShown))
        }
    }

    /// Bytes of each chunk; `nil` when all samples have the same length.
    private func lengths(of chunks: UInt64, _ bytes: MediaBytes) throws -> [UInt64]? {
        guard let sampleSizes, let chunkLengths, var sizes = try SampleSizes(sampleSizes.content, sampleSizes.isCompact, bytes) else {
            if self.sampleSizes == nil || self.chunkLengths == nil { throw PlaceSearch.Unreadable() }
            return nil
        }
        guard sizes.count <= Self.maximumSamples else { throw PlaceSearch.Unreadable() }
        let runs = try runs(chunkLengths, bytes)
        var lengths: [UInt64] = []
        for (index, run) in runs.enumerated() {
            let end = index + 1 < runs.count ? runs[index + 1].first : chunks + 1
            guard run.first == UInt64(lengths.count) + 1, end > run.first, end <= chunks + 1 else { throw PlaceSearch.Unreadable() }
            for _ in run.first..<end { lengths.append(try sizes.sum(ofNext: run.samples)) }
        }
        guard UInt64(lengths.count) == chunks else { throw PlaceSearch.Unreadable() }
        return lengths
    }

    /// The number of the first chunk, counted from 1, and how many samples it and those after it have.
    private func runs(_ content: Range<UInt64>, _ bytes: MediaBytes) throws -> [(first: UInt64, samples: UInt64)] {
        let count = try Self.count(at: 4, of: content, header: 8, bits: 96, bytes)
        guard count <= Self.maximumChunks else { throw PlaceSearch.Unreadable() }
        return try (0..<count).map { index in
            let entry = content.lowerBound + 8 + index * 12
            guard let first = try bytes.integer(entry, 4), let samples = try bytes.integer(entry + 4, 4) else {
                throw PlaceSearch.Unreadable()
            }
            return (first, samples)
        }
    }

    /// How many entries a table says it has, if it has room for them.
    fileprivate static func count(
        at offset: UInt64, of content: Range<UInt64>, header: UInt64, bits: UInt64, _ bytes: MediaBytes
    ) throws -> UInt64 {
        guard content.count >= header, let count = try bytes.integer(content.lowerBound + offset, 4),
            count <= (UInt64(content.count) - header) * 8 / bits
        else { throw PlaceSearch.Unreadable() }
        return count
    }
}

/// The lengths of a track's samples, one after another.
private struct SampleSizes {
    let count: UInt64
    private let first: UInt64
    /// Bits of an entry: 4, 8, 16 or 32.
    private let width: UInt64
    private let bytes: MediaBytes
    private var index: UInt64 = 0

    /// - Returns: `nil` when all have the same.
    init?(_ content: Range<UInt64>, _ isCompact: Bool, _ bytes: MediaBytes) throws {
        let start = content.lowerBound
        guard let size = try bytes.integer(start + 4, 4) else { throw PlaceSearch.Unreadable() }
        if !isCompact && size != 0 { return nil }
        width = isCompact ? size & 0xFF : 32
        guard [4, 8, 16, 32].contains(width) else { throw PlaceSearch.Unreadable() }
        first = start + 12
        count = try FilmTrack.count(at: 8, of: content, header: 12, bits: width, bytes)
        self.bytes = bytes
    }

    /// Of as many of the next samples as there are.
    mutating func sum(ofNext samples: UInt64) throws -> UInt64 {
        let end = index + min(samples, count - index)
        var sum: UInt64 = 0
        while index < end { sum += try next() }
        return sum
    }

    private mutating func next() throws -> UInt64 {
        let position = first + index * width / 8
        guard let value = try bytes.integer(position, Int(max(width, 8) / 8)) else { throw PlaceSearch.Unreadable() }
        defer { index += 1 }
        return width == 4 ? (index % 2 == 0 ? value >> 4 : value & 15) : value
    }
}
