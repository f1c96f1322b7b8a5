/// A small file that declares very much, or unpacks to it.
public struct Bomb: Sendable, CustomStringConvertible {
    /// With the extension of its format.
    public var name: String
    public var bytes: [UInt8]
    /// Whether it declares more pixels than are accepted: then it is refused before anything is decoded. The others may be
    /// shown as well as refused, as long as somebody says so.
    public var isTooLarge: Bool

    public var description: String { name }

    init(_ name: String, _ bytes: [UInt8], isTooLarge: Bool = false) {
        (self.name, self.bytes, self.isTooLarge) = (name, bytes, isTooLarge)
    }

    /// One or more of every format.
    /// - Parameters:
    ///   - edge: pixels on a side of pictures that are just about accepted.
    ///   - media: reads a fixture, for formats that are not made from nothing.
    public static func all(edge: Int, media: (String) throws -> [UInt8]) rethrows -> [Bomb] {
        try png(edge: edge) + jpeg(edge: edge, media) + webp(edge: edge) + gif() + tiff(edge: edge)
            + isoPictures(edge: edge, media) + films(media)
    }
}
