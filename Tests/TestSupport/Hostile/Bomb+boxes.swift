extension Bomb {
    // MARK: HEIC and AVIF (ISO/IEC 23008-12)

    static func isoPictures(edge: Int, _ media: (String) throws -> [UInt8]) rethrows -> [Bomb] {
        try ["heic", "avif"].flatMap { format in
            let file = try media("photo.\(format)")
            return [
                Bomb("bomb-declared.\(format)", declaring(file, 0x7FFF_FFFF)),
                Bomb("bomb-extents.\(format)", declaring(file, UInt32(edge))),
            ]
        }
    }

    /// Changes the width and height of every picture in a file.
    private static func declaring(_ file: [UInt8], _ side: UInt32) -> [UInt8] {
        var file = file
        Bytes.patch(&file, after: "ispe", offset: 4, with: side)
        Bytes.patch(&file, after: "ispe", offset: 8, with: side)
        return file
    }

    // MARK: MP4 (ISO/IEC 14496-12)

    static func films(_ media: (String) throws -> [UInt8]) rethrows -> [Bomb] {
        let film = try media("video-faststart.mp4")
        func patched(_ name: String, _ box: String, _ changes: [(offset: Int, value: UInt32)]) -> Bomb {
            var file = film
            for change in changes { Bytes.patch(&file, after: box, offset: change.offset, with: change.value) }
            return Bomb("bomb-\(name).mp4", file)
        }
        let most = UInt32.max
        return [
            // All samples have one size, and there are as many as can be said.
            patched("sizes", "stsz", [(4, 1), (8, most)]), patched("times", "stts", [(8, most), (12, 1)]),
            patched("time-entries", "stts", [(4, most)]), patched("chunks", "stsc", [(12, most)]),
            patched("chunk-offsets", "stco", [(4, most)]), patched("edits", "elst", [(4, most)]),
            // Width and height of the sample entry, after 24 bytes.
            patched("frames", "avc1", [(24, most)]), patched("duration", "mvhd", [(12, 1), (16, most)]),
            Bomb("bomb-depth.mp4", nested(20_000)), Bomb("bomb-length.mp4", Array(film.prefix(32)) + endless),
        ]
    }

    /// Boxes within boxes.
    private static func nested(_ depth: Int) -> [UInt8] {
        let kind = Array("moov".utf8)
        let type: [UInt8] = Bytes.big(16) + Array("ftypisom".utf8) + Bytes.big(0)
        return type + (0..<depth).flatMap { Bytes.big(UInt32(8 * (depth - $0))) + kind }
    }

    /// The head of a box with a size of 64 bits.
    private static let endless: [UInt8] = Bytes.big(1) + Array("moov".utf8) + Bytes.big(0x7FFF_FFFF) + Bytes.big(.max)
}
