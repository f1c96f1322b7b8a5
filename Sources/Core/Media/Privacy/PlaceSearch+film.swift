/// MP4 and QuickTime films (ISO/IEC 14496-12, the QuickTime File Format): of the boxes, those stay by which picture and
/// sound are played; all others become padding, among them user data and metadata (`©xyz`, `loci`, Apple's location) and
/// what devices have invented. Of the media data, only that stays which a track of pictures or sound refers to: cameras
/// write places as tracks of their own, as subtitles, and between the others' samples.
extension PlaceSearch {
    /// What becomes of a box.
    fileprivate enum Part { case kept, boxes, media }

    private static let tables = [
        "stsd", "stts", "ctts", "cslg", "stss", "stps", "sdtp", "stsc", "stsz", "stz2", "stco", "co64", "sgpd", "sbgp",
        "subs", "saiz", "saio", "stsh", "padb", "stdp",
    ]

    /// What may lie in a box of each kind, or in the film itself; anything else goes.
    private static let parts: [String: [String: Part]] = [
        "": ["mdat": .media, "moov": .boxes, "moof": .boxes].with(["ftyp", "styp", "sidx", "ssix", "mfra", "pdin"]),
        "moov": ["trak": .boxes].with(["mvhd", "mvex", "iods"]),
        "trak": ["mdia": .boxes, "edts": .boxes, "tapt": .boxes].with(["tkhd", "tref", "load"]),
        "edts": [:].with(["elst"]),
        "tapt": [:].with(["clef", "prof", "enof"]),
        "mdia": ["minf": .boxes].with(["mdhd", "hdlr", "elng"]),
        "minf": ["dinf": .boxes, "stbl": .boxes].with(["vmhd", "smhd", "hmhd", "nmhd", "sthd", "gmhd", "hdlr"]),
        "dinf": [:].with(["dref"]),
        "stbl": [:].with(tables),
        "moof": ["traf": .boxes].with(["mfhd"]),
        "traf": [:].with(["tfhd", "tfdt", "trun", "sdtp", "sbgp", "sgpd", "subs", "saiz", "saio"]),
    ]

    /// What a look through the boxes gathers.
    private struct Film {
        var tracks: [FilmTrack] = []
        var media: [Range<UInt64>] = []
        var hasIndex = false
        var isFragmented = false
    }

    /// - Throws: `Unreadable` when the index is missing or makes no sense, or when places may be among fragments.
    mutating func searchFilm() throws {
        var film = Film()
        try searchFilm(0..<bytes.size, of: "", &film)
        guard film.hasIndex, !film.tracks.isEmpty, film.tracks.allSatisfy({ $0.handler != nil }) else { throw Unreadable() }
        guard !film.isFragmented else {
            // Which bytes are a track's would have to be gathered from each fragment.
            guard film.tracks.allSatisfy(\.isShown) else { throw Unreadable() }
            return
        }
        try clear(film.media, but: try FilmTrack.shown(film.tracks, in: bytes))
    }

    private mutating func searchFilm(_ range: Range<UInt64>, of parent: String, _ film: inout Film) throws {
        let known = Self.parts[parent] ?? [:]
        let end = try forEachBox(in: range) { search, box in
            switch known[box.kind] {
            case .kept: try search.note(box, of: parent, &film)
            case .media: film.media.append(box.content)
            case .boxes:
                if box.kind == "trak" { film.tracks.append(FilmTrack()) }
                film.hasIndex = film.hasIndex || box.kind == "moov"
                film.isFragmented = film.isFragmented || box.kind == "moof"
                try search.searchFilm(box.content, of: box.kind, &film)
            // An index that is compressed, or lies in another file.
            case nil where ["cmov", "rmra"].contains(box.kind): throw Unreadable()
            case nil:
                try search.replace(at: box.start + 4, Array("free".utf8))
                try search.fill(box.content)
            }
        }
        // Too few bytes for a box; QuickTime ends some lists with a zero.
        try fill(min(end, range.upperBound)..<range.upperBound)
    }

    private func note(_ box: Box, of parent: String, _ film: inout Film) throws {
        guard let index = film.tracks.indices.last else { return }
        switch box.kind {
        case "hdlr" where parent == "mdia":
            // Behind version, flags, and a word that once said something else (section 8.4.3).
            film.tracks[index].handler = String(decoding: try bytes.bytes(box.content.lowerBound + 8, 4), as: UTF8.self)
        case "stsc": film.tracks[index].chunkLengths = box.content
        case "stsz", "stz2": film.tracks[index].sampleSizes = (box.content, isCompact: box.kind == "stz2")
        case "stco", "co64": film.tracks[index].chunkOffsets = (box.content, width: box.kind == "co64" ? 8 : 4)
        default: break
        }
    }

    /// - Parameters:
    ///   - media: ascending, apart from each other, as are the others.
    ///   - kept: what stays of it.
    private mutating func clear(_ media: [Range<UInt64>], but kept: [Range<UInt64>]) throws {
        var index = 0
        for range in media {
            var offset = range.lowerBound
            while index < kept.count, kept[index].upperBound <= offset { index += 1 }
            while index < kept.count, kept[index].lowerBound < range.upperBound {
                if kept[index].lowerBound > offset { try fill(offset..<kept[index].lowerBound) }
                offset = max(offset, kept[index].upperBound)
                // It may reach into the next one.
                if offset > range.upperBound { break }
                index += 1
            }
            if offset < range.upperBound { try fill(offset..<range.upperBound) }
        }
    }
}

extension [String: PlaceSearch.Part] {
    /// With further boxes that stay as they are.
    fileprivate func with(_ kinds: [String]) -> Self {
        merging(kinds.map { ($0, .kept) }) { own, _ in own }
    }
}
