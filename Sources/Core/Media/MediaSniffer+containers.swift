extension MediaSniffer {
    /// ISO base media files (ISO/IEC 14496-12): the brands in `ftyp` tell photos from films.
    static func isoMedia(_ head: [UInt8]) -> SniffedType? {
        guard head.count >= 12 else { return nil }
        let kind = fourCharacters(head, at: 4)
        // QuickTime films older than `ftyp` start with any of these.
        guard kind == "ftyp" else { return ["moov", "mdat", "wide"].contains(kind) ? .mov : nil }
        let length = head[..<4].reduce(0) { $0 << 8 | Int($1) }
        let end = min(max(length, 12), head.count)
        let compatible = stride(from: 16, to: end - 3, by: 4).map { fourCharacters(head, at: $0) }
        return type(ofBrand: fourCharacters(head, at: 8), compatible: compatible)
    }

    private static func type(ofBrand major: String, compatible: [String]) -> SniffedType? {
        switch major {
        case "avif", "avis": .avif
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "heif": .heic
        // The generic picture brands leave it to the compatible ones to name the codec.
        case "mif1", "msf1", "miaf": compatible.contains("avif") ? .avif : .heic
        case "crx ": .raw("image/x-canon-cr3")
        case "qt  ": .mov
        case "M4A ", "M4B ", "M4P ", "jp2 ", "jpx ", "jxl ", "aax ": nil
        default: isFilm(major) || compatible.contains(where: isFilm) ? .mp4 : nil
        }
    }

    private static func isFilm(_ brand: String) -> Bool {
        ["iso", "mp4", "avc", "M4V", "3gp", "3g2", "dash", "MSNV", "cmf", "f4v", "XAVC", "mmp4"].contains { brand.hasPrefix($0) }
    }

    /// EBML files (RFC 8794): the document type follows within the first bytes.
    static func matroska(_ head: [UInt8]) -> SniffedType? {
        guard head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) else { return nil }
        guard let documentType = ebmlDocumentType(head) else { return nil }
        switch documentType {
        case "webm": return .webm
        case "matroska": return .matroska
        default: return nil
        }
    }

    /// The text of the DocType element (id 0x4282), whose length fits one byte in every file there is.
    private static func ebmlDocumentType(_ head: [UInt8]) -> String? {
        guard let start = head.indices.dropLast(3).first(where: { head[$0] == 0x42 && head[$0 + 1] == 0x82 }),
            head[start + 2] & 0x80 != 0
        else { return nil }
        let length = Int(head[start + 2] & 0x7F)
        let text = head.dropFirst(start + 3).prefix(length).prefix { $0 != 0 }
        return String(decoding: text, as: UTF8.self)
    }

    private static func fourCharacters(_ head: [UInt8], at offset: Int) -> String {
        String(decoding: head[offset..<(offset + 4)], as: UTF8.self)
    }
}
