import Core

/// Copies a film into one file of fragmented MP4, and says in playlists where its segments lie.
struct VideoSegments {
    let file: VideoFile
    /// An absolute path.
    let folder: String
    /// `Recipe.hash`, a part of the names that the playlists use.
    let recipe: String
    let facts: MediaFacts
    let time: WorkTime

    /// Fragments begin at key frames a second or more apart, and where one that lasts so long would take too much memory; a
    /// shorter one ends where `StreamCopy` ends it. The index of the
    /// tracks waits for the first of them: only then it can tell by how much each starts early (its edit list), and sound
    /// and picture stay together.
    static let options = [
        "movflags": "+frag_keyframe+delay_moov+default_base_moof+skip_trailer", "min_frag_duration": "1000000",
        "frag_size": "\(8 << 20)",
    ]

    /// - Returns: the files, what is spoken of first; `nil` when there are too few key frames to cut at.
    /// - Throws: as `StreamCopy.run`; `CodecString.NotPlayed`.
    func write() throws -> [DecodedFile]? {
        let media = decoded(.segments, .mp4)
        let path = "\(folder)/\(media.file ?? "")"
        let ticksPerSecond = try StreamCopy(
            file: file, path: path, muxer: "mp4", options: Self.options, beginsWithKeyFrame: true, time: time
        ).run()
        guard let playlist = try playlist(path, ticksPerSecond) else { return nil }
        return [
            media, try write(.segments(playlist), .segments), try write(.variants(try variants(playlist)), .hls),
        ]
    }

    private func playlist(_ path: String, _ ticksPerSecond: Int32) throws -> SegmentPlaylist? {
        let input = try InputFile(path)
        // The picture is the first of the tracks, which are numbered from 1.
        guard let found = try FilmFragments(track: 1, size: input.size, read: input.read),
            found.fragments.first?.isSync == true,
            let segments = SegmentPlan.segments(found.fragments, ticksPerSecond: ticksPerSecond)
        else { return nil }
        return SegmentPlaylist(
            file: RenditionName.segments.file(recipe: recipe, .mp4), initialization: Int64(found.initialization), segments: segments)
    }

    private func variants(_ playlist: SegmentPlaylist) throws -> VariantPlaylist {
        VariantPlaylist(
            file: RenditionName.segments.file(recipe: recipe, .m3u8), peakBitRate: SegmentPlan.peakBitRate(playlist),
            averageBitRate: SegmentPlan.averageBitRate(playlist),
            codecs: try [file.pictureCodecString(), file.soundCodecString()].compactMap(\.self), width: facts.width,
            height: facts.height, frameRate: (facts.video?.frameRate).flatMap { $0 < 1000 ? Int64(($0 * 1000).rounded()) : nil })
    }

    private func write(_ document: MediaDocument, _ name: RenditionName) throws -> DecodedFile {
        let file = decoded(name, .m3u8)
        try OutputFile.write(Array(document.text().utf8), to: "\(folder)/\(file.file ?? "")")
        return file
    }

    private func decoded(_ name: RenditionName, _ format: MediaFormat) -> DecodedFile {
        DecodedFile(
            name: name, format: format, file: "\(name.rawValue).\(format.fileExtension)", width: facts.width, height: facts.height)
    }
}
