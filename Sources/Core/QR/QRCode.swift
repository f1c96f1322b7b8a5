/// A QR code of a text (ISO/IEC 18004:2015, model 2): in byte mode, as UTF-8, as small as the text allows.
public struct QRCode: Sendable, Equatable {
    /// The text does not fit into any QR code.
    public struct TooLong: Error, Equatable {}

    /// 1 to 40.
    public let version: Int
    public let correction: QRCorrection
    /// 0 to 7.
    public let mask: Int
    private let grid: QRGrid

    /// Modules of a side, 21 to 177, without the quiet zone.
    public var size: Int { grid.size }

    /// Light modules that there must be on each side (section 6.3.8).
    public static let quietZone = 4

    /// - Parameter text: at most 2953, 2331, 1663 or 1273 bytes of UTF-8, by the level.
    /// - Throws: `TooLong`.
    public init(_ text: String, correction: QRCorrection = .medium) throws {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.smallest(holding: bytes.count, correction) else { throw TooLong() }
        self.init(bytes, version)
    }

    /// - Parameter mask: `nil` for the best.
    init(_ bytes: [UInt8], _ version: QRVersion, mask: QRMask? = nil) {
        var plain = QRGrid(version)
        plain.draw(QRCodewords.all(bytes, version))
        let candidates = (mask.map { [$0] } ?? QRMask.all).map { mask in
            var grid = plain
            grid.apply(mask)
            grid.drawFormat(mask.format(version.correction))
            return (mask: mask, grid: grid)
        }
        var best = candidates[0]
        // Of equals the first: the order of the masks decides, as in the standard's table.
        if candidates.count > 1 { best = candidates.map { ($0, $0.grid.penalty) }.min { $0.1 < $1.1 }?.0 ?? best }
        self.version = version.number
        self.correction = version.correction
        self.mask = best.mask.number
        self.grid = best.grid
    }

    /// Whether the module there is dark; outside the symbol it is light.
    public subscript(x: Int, y: Int) -> Bool {
        (0..<size).contains(x) && (0..<size).contains(y) && grid[x, y]
    }
}
