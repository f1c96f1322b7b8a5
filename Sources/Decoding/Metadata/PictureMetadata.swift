import Core

/// What stands in a picture file beside its pixels: blocks of several standards that say the same things twice.
struct PictureMetadata {
    /// An Exif block.
    var exif: [UInt8]?
    /// An XMP packet.
    var xmp: [UInt8]?
    /// IPTC records, bare or within Photoshop's image resources.
    var iptc: [UInt8]?

    /// Adds what is understood to the facts. Where blocks differ, Exif counts for what the camera knows and XMP for what
    /// people wrote.
    func add(to facts: inout MediaFacts) {
        if let document = exif.flatMap(ExifDocument.init) {
            facts.exif = ExifReader.read(document)
            let tags = document.tags()
            facts.tags = tags.isEmpty ? nil : tags
            addEditorial(nil, rating: document.integer(.main, 0x4746), to: &facts)
        }
        addEditorial(xmp.flatMap(XMPReader.read), to: &facts)
        addEditorial(iptc.flatMap(IPTCReader.read), to: &facts)
    }

    /// What is known already stays.
    private func addEditorial(_ content: XMPReader.Content?, rating: Int? = nil, to facts: inout MediaFacts) {
        var editorial = facts.editorial ?? .init()
        let other = content?.editorial ?? .init()
        editorial.title = editorial.title ?? other.title
        editorial.caption = editorial.caption ?? other.caption
        editorial.keywords = editorial.keywords ?? other.keywords
        editorial.rating = editorial.rating ?? other.rating ?? rating.flatMap { (0...5).contains($0) ? $0 : nil }
        facts.editorial = editorial == .init() ? nil : editorial

        var exif = facts.exif ?? .init()
        exif.artist = exif.artist ?? content?.creator
        exif.copyright = exif.copyright ?? content?.rights
        facts.exif = exif == .init() ? nil : exif
    }
}

extension PictureMetadata {
    /// The blocks that libvips hands out, and those it looks over.
    init(of header: Picture, at path: String) {
        exif = header.blob("exif-data")
        xmp = header.blob("xmp-data") ?? Self.packet(ofHEIF: header)
        iptc = header.blob("iptc-data")
        if exif == nil { exif = Self.excerpt(of: path) }
    }

    /// A small block of the fields that stand all over a TIFF or PNG file.
    static func excerpt(of path: String) -> [UInt8]? {
        guard let file = try? InputFile(path) else { return nil }
        return (try? ExifExcerpt.block(size: file.size, read: file.read)) ?? nil
    }

    /// Items of text have no other name in HEIF files.
    private static func packet(ofHEIF header: Picture) -> [UInt8]? {
        (0..<8).lazy.compactMap { header.blob("heif-mime-\($0)") }.first { packet in
            let head = String(decoding: packet.prefix(4096), as: UTF8.self)
            return head.contains("<x:xmpmeta") || head.contains("<rdf:RDF")
        }
    }
}
