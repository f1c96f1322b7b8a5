import Core

/// What a request to `/media/` is about.
enum MediaTarget: Sendable {
    /// One file.
    case file(MediaPath)
    /// Whichever still suits the client, of the width it needs in pixels if it says one.
    case still(StillPath, width: Int?)

    /// CSS pixels that a client may ask for.
    static let widths = 1...100_000
    /// Device pixels to one CSS pixel.
    static let ratios = 0.1...10.0

    /// - Parameters:
    ///   - width: the query's `w`, in CSS pixels.
    ///   - ratio: the query's `dpr`; counts with `w` only.
    /// - Returns: `nil` for what can name nothing.
    /// - Throws: `Problem` 400 `bad_query`; a file's own path has neither, and is what it is with any.
    init?(id: String, file: String, width: String?, ratio: String?) throws {
        if let path = MediaPath(id: id, file: file) {
            self = .file(path)
        } else if let still = StillPath(id: id, file: file) {
            self = .still(still, width: try Self.pixels(width, ratio))
        } else {
            return nil
        }
    }

    private static func pixels(_ width: String?, _ ratio: String?) throws -> Int? {
        guard let width else { return nil }
        guard let width = Int(width), widths.contains(width) else {
            throw Problem.badRequest("bad_query", "w must be a whole number between \(widths.lowerBound) and \(widths.upperBound).")
        }
        guard let ratio else { return width }
        guard ratio.utf8.count <= 16, ratio.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
            let ratio = Double(ratio), ratios.contains(ratio)
        else { throw Problem.badRequest("bad_query", "dpr must be a number between 0.1 and 10.") }
        return Int((Double(width) * ratio).rounded(.up))
    }
}
