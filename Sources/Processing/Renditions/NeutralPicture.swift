import Foundation

/// A picture of nothing, to try watermarks on: from black on the left to white on the right, as an uncompressed TIFF file
/// (TIFF 6.0, sections 2 and 4).
enum NeutralPicture {
    static let width = 1200
    static let height = 800

    /// The whole file.
    static let file: Data = {
        let entries: [(tag: UInt16, value: UInt32)] = [
            (256, UInt32(width)), (257, UInt32(height)), (258, 8), (259, 1), (262, 1), (273, pixelsAt), (277, 1),
            (278, UInt32(height)), (279, UInt32(width * height)),
        ]
        var file = Data("II".utf8)
        file.append(little: UInt16(42))
        file.append(little: UInt32(8))
        file.append(little: UInt16(entries.count))
        for entry in entries {
            file.append(little: entry.tag)
            file.append(little: UInt16(4))
            file.append(little: UInt32(1))
            file.append(little: entry.value)
        }
        file.append(Data(count: Int(pixelsAt) - file.count))
        let row = (0..<width).map { UInt8($0 * 255 / (width - 1)) }
        for _ in 0..<height { file.append(contentsOf: row) }
        return file
    }()

    /// Beyond the directory and the four zeros that end it.
    private static let pixelsAt: UInt32 = 256
}

extension Data {
    fileprivate mutating func append(little number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
