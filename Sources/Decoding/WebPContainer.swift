/// The RIFF container of WebP (RFC 9649), as far as replacing metadata needs it.
enum WebPContainer {
    /// The file without its Exif, XMP and colour profile chunks, and with that Exif block instead; unchanged when it is no
    /// well-formed WebP.
    ///
    /// libvips 8.14.1 writes an Exif chunk of its own making whatever it is told, and with it the chunk of features that
    /// has to announce one: without that, none is added.
    static func withMetadata(_ exif: [UInt8]?, _ file: [UInt8]) -> [UInt8] {
        guard file.count >= 12, file.starts(with: Array("RIFF".utf8)), file[8..<12].elementsEqual("WEBP".utf8) else { return file }
        var kept: [UInt8] = []
        var offset = 12
        while offset + 8 <= file.count {
            let length = littleEndian(file[(offset + 4)..<(offset + 8)])
            // Chunks of odd length are padded to an even one.
            let end = offset + 8 + length + length % 2
            guard end <= file.count else { return file }
            kept += changed(file[offset..<end], hasExif: exif != nil)
            offset = end
        }
        if let exif, kept.starts(with: Array("VP8X".utf8)) {
            kept += Array("EXIF".utf8) + bytes(littleEndian: exif.count) + exif + (exif.count % 2 == 1 ? [0] : [])
        }
        return Array("RIFF".utf8) + bytes(littleEndian: kept.count + 4) + Array("WEBP".utf8) + kept
    }

    /// Drops metadata chunks, and from the chunk that announces them, the announcement.
    private static func changed(_ chunk: ArraySlice<UInt8>, hasExif: Bool) -> [UInt8] {
        switch String(decoding: chunk.prefix(4), as: UTF8.self) {
        case "EXIF", "XMP ", "ICCP": return []
        case "VP8X" where chunk.count > 8:
            var chunk = Array(chunk)
            chunk[8] &= ~(0x20 | 0x08 | 0x04)
            if hasExif { chunk[8] |= 0x08 }
            return chunk
        default: return Array(chunk)
        }
    }

    private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }

    private static func bytes(littleEndian value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
