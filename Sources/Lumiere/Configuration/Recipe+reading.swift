import Core

extension Recipe {
    /// Reads what photos become in sessions that want nothing else; faults are noted in the source.
    init(_ source: inout SettingsSource) {
        self = .standard
        if let texts = source.list("renditions.sizes") { sizes = texts.compactMap { Self.size($0, &source) } }
        if let texts = source.list("renditions.formats") {
            formats = texts.compactMap(MediaFormat.init(rawValue:))
            if formats.count != texts.count {
                source.add(["renditions.formats must be a list of \(Self.pictureFormats.map(\.rawValue).joined(separator: ", "))."])
            }
        }
        let policies = Metadata.allCases.map { ($0.rawValue, $0) }
        metadata = source.choice("renditions.metadata", Dictionary(uniqueKeysWithValues: policies)) ?? metadata
        let animations = RecipeChange.Animation.allCases.map { ($0.rawValue, $0) }
        animation = source.choice("renditions.animation", Dictionary(uniqueKeysWithValues: animations))?.size
        watermark = Self.watermark(&source)
        if let fault { source.add(["renditions.\(fault.member): \(fault.rule)."]) }
    }

    private static func size(_ text: String, _ source: inout SettingsSource) -> Size? {
        guard let match = text.wholeMatch(of: /([a-z]+)=([0-9]{1,5}):([0-9]{1,3})/), let name = RenditionName(rawValue: String(match.1)),
            let longEdge = Int(match.2), let quality = Int(match.3)
        else {
            source.add(["renditions.sizes must be a list such as thumb=320:78,small=640:80,large=2560:84, not \(text)."])
            return nil
        }
        return Size(name, longEdge: longEdge, quality: quality)
    }

    private static func watermark(_ source: inout SettingsSource) -> Watermark? {
        let usual = Watermark()
        let places = Watermark.Place.allCases.map { ($0.rawValue, $0) }
        let place = source.choice("renditions.watermark.place", Dictionary(uniqueKeysWithValues: places)) ?? usual.place
        let opacity = source.number("renditions.watermark.opacity", in: 1...100) ?? usual.opacity
        let scale = source.number("renditions.watermark.scale", in: 1...100) ?? usual.scale
        guard let text = source.text("renditions.watermark.text"), !text.isEmpty else { return nil }
        return Watermark(text: text, place: place, opacity: opacity, scale: scale)
    }
}
