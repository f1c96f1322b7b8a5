/// The RIFF container of WebP (RFC 9649), as far as removing metadata needs it.
enum WebPContainer {
    /// The file without its Exif, XMP and colour profile chunks; unchanged when it is no well-formed WebP.
    ///
    /// libvips 8.14.1 writes an Exif chunk of its own making whatever it is told.
    static func withoutMetadata(_ file: [UInt8]) -> [UInt8] {
        guard file.count >= 12, file.starts(with: Array("RIFF".utf8)), file[8..<12].elementsEqual("WEBP".utf8) else { return file }
        var kept: [UInt8] = []
        var offset = 12
        while offset + 8 <= file.count {
            let length = littleEndian(file[(offset + 4)..<(offset + 8)])
            // Chunks of odd length are padded to an even one.
            let end = offset + 8 + length + length % 2
            guard end <= file.count else { return file }
            kept += withoutFlags(file[offset..<end])
            offset = end
        }
        return Array("RIFF".utf8) + bytes(littleEndian: kept.count + 4) + Array("WEBP".utf8) + kept
    }

    /// Drops metadata chunks, and from the chunk that announces them, the announcement.
    private static func withoutFlags(_ chunk: ArraySlice<UInt8>) -> [UInt8] {
        switch String(decoding: chunk.prefix(4), as: UTF8.self) {
        case "EXIF", "XMP ", "ICCP": return []
        case "VP8X" where chunk.count > 8:
            var chunk = Array(chunk)
            chunk[8] &= ~(0x20 | 0x08 | 0x04)
            return chunk
        default: return Array(chunk)
        }
    }

    private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }

    private static func bytes(littleEndian value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
