/// The segments of a JPEG file (ITU-T T.81 annex B), as far as adding metadata needs them.
enum JPEGContainer {
    private static let prefix = Array("Exif\0\0".utf8)
    /// A segment's length has 16 bits and counts itself.
    private static let maximumBlock = 65_535 - 2 - prefix.count

    /// The file with an Exif block behind its JFIF header, if there is one; unchanged when the block is too long.
    static func adding(exif block: [UInt8], to file: [UInt8]) -> [UInt8] {
        guard block.count <= maximumBlock, file.count > 6, file.starts(with: [0xFF, 0xD8, 0xFF]) else { return file }
        let start = file[3] == 0xE0 ? 4 + Int(file[4]) << 8 + Int(file[5]) : 2
        guard start <= file.count else { return file }
        let length = 2 + prefix.count + block.count
        return file[..<start] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + prefix + block + file[start...]
    }
}
