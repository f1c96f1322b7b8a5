import Foundation

/// The beginning of a PNG file (PNG, third edition, sections 5.2 and 11.2.1).
struct PNGHead: Equatable {
    /// Pixels.
    var width: Int
    /// Pixels.
    var height: Int

    /// `nil` for anything else, and for sides of none or more than 4096 pixels.
    init?(_ file: Data) {
        let head = Array(file.prefix(24))
        guard head.count == 24, head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            head[12..<16].elementsEqual("IHDR".utf8)
        else { return nil }
        width = head[16..<20].reduce(0) { $0 << 8 | Int($1) }
        height = head[20..<24].reduce(0) { $0 << 8 | Int($1) }
        guard (1...4096).contains(width), (1...4096).contains(height) else { return nil }
    }
}
