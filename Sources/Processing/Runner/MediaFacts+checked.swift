import Core
import Foundation

extension MediaFacts {
    /// What a decoder says of a file, as far as it can be believed. A file may hold any nonsense, which is left out; of
    /// a kind, type or size that cannot be, an honest decoder does not speak.
    /// - Throws: `DecoderConversation.End.violation`.
    func checked() throws(DecoderConversation.End) -> MediaFacts {
        let family = kind == .photo ? "image/" : "video/"
        guard contentType.hasPrefix(family), MediaRules.readable.contains(contentType) else { throw .violation("unknown content type") }
        guard (kind == .video) == (video != nil) else { throw .violation("a kind that does not fit the facts") }
        guard Self.edges.contains(width), Self.edges.contains(height) else { throw .violation("impossible size") }
        var facts = self
        facts.exif = exif?.checked()
        facts.editorial = editorial?.checked()
        facts.tags = tags.map { Tag.bounded($0.prefix(Tag.maximumCount).compactMap { $0.checked() }) }
        facts.placeholder = placeholder.flatMap { Self.isPlaceholder($0) ? $0 : nil }
        facts.dominantColour = dominantColour.flatMap { $0.wholeMatch(of: /#[0-9a-f]{6}/) == nil ? nil : $0 }
        if let video { facts.video = try video.checked() }
        return facts
    }

    /// Pixels.
    static let edges = 1...1 << 20

    /// Whether this is the Base64 of a ThumbHash, which has five bytes at least and 25 at most.
    private static func isPlaceholder(_ text: String) -> Bool {
        guard text.utf8.count <= 36, let bytes = Data(base64Encoded: text) else { return false }
        return (5...25).contains(bytes.count)
    }
}

extension MediaFacts.Exif {
    fileprivate func checked() -> Self {
        var exif = self
        for text in [\Self.make, \.model, \.lens, \.copyright, \.artist] {
            exif[keyPath: text] = self[keyPath: text].flatMap { DecoderText.cleaned($0) }
        }
        exif.capturedAt = DecoderText.time(capturedAt)
        exif.focalLength = focalLength.within(0...100_000)
        exif.aperture = aperture.within(0...1000)
        exif.exposureTime = exposureTime.within(0...1_000_000)
        exif.iso = iso.within(1...1_000_000_000)
        exif.orientation = orientation.within(1...8)
        let place = (latitude.within(-90...90), longitude.within(-180...180))
        (exif.latitude, exif.longitude) = place.0 == nil || place.1 == nil ? (nil, nil) : place
        exif.altitude = altitude.within(-1_000_000...1_000_000)
        exif.focalLength35mm = focalLength35mm.within(0...100_000)
        exif.exposureBias = exposureBias.within(-100...100)
        for name in [\Self.exposureProgram, \.meteringMode] {
            exif[keyPath: name] = self[keyPath: name].flatMap { DecoderText.isName($0) ? $0 : nil }
        }
        return exif
    }
}

extension MediaFacts.Editorial {
    fileprivate func checked() -> Self {
        var editorial = self
        editorial.title = title.flatMap { DecoderText.cleaned($0) }
        editorial.caption = caption.flatMap { DecoderText.cleaned($0, limit: 4096) }
        editorial.keywords = keywords?.prefix(Self.maximumKeywords).compactMap { DecoderText.cleaned($0, limit: 128) }
        editorial.rating = rating.within(-1...5)
        return editorial
    }
}

extension MediaFacts.Tag {
    /// `nil` when nothing readable is left.
    fileprivate func checked() -> Self? {
        guard DecoderText.isName(group), let name = DecoderText.cleaned(name, limit: 64),
            let value = DecoderText.cleaned(value, limit: 256)
        else { return nil }
        return Self(group: group, name: name, value: value)
    }
}

extension MediaFacts.Video {
    fileprivate func checked() throws(DecoderConversation.End) -> Self {
        guard [0, 90, 180, 270].contains(rotation) else { throw .violation("impossible rotation") }
        guard DecoderText.isName(videoCodec), audioCodec.map(DecoderText.isName) ?? true else { throw .violation("bad codec name") }
        var video = self
        video.duration = Optional(duration).within(0...Self.maximumDuration) ?? 0
        video.frameRate = frameRate.within(0...100_000)
        video.bitRate = bitRate.within(1...1 << 40)
        video.capturedAt = DecoderText.time(capturedAt)
        for name in [\Self.container, \.hdr] { video[keyPath: name] = self[keyPath: name].flatMap { DecoderText.isName($0) ? $0 : nil } }
        for text in [\Self.videoProfile, \.audioProfile, \.audioLayout] {
            video[keyPath: text] = self[keyPath: text].flatMap { DecoderText.cleaned($0, limit: 64) }
        }
        for edge in [\Self.pixelWidth, \.pixelHeight] { video[keyPath: edge] = self[keyPath: edge].within(MediaFacts.edges) }
        video.bitDepth = bitDepth.within(1...32)
        video.audioChannels = audioChannels.within(1...1024)
        video.audioSampleRate = audioSampleRate.within(1...10_000_000)
        video.streams = streams.map { $0.prefix(16).compactMap { $0.checked() } }
        return video
    }
}

extension MediaFacts.Video.Stream {
    fileprivate func checked() -> Self? {
        guard DecoderText.isName(kind), DecoderText.isName(codec) else { return nil }
        return Self(kind: kind, codec: codec, language: language.flatMap { DecoderText.isName($0) ? $0 : nil })
    }
}

extension Optional where Wrapped: Comparable {
    /// `nil` for a value out of range.
    fileprivate func within(_ range: ClosedRange<Wrapped>) -> Wrapped? { flatMap { range.contains($0) ? $0 : nil } }
}
