/// Bytes of a file that are replaced by as many others when it is handed out.
public struct BytePatch: Sendable, Equatable {
    /// What is put in their place.
    public enum Content: Sendable, Equatable {
        case bytes([UInt8])
        /// One byte again and again.
        case fill(UInt8, count: UInt64)
    }

    /// Where the first of them lies in the file.
    public var offset: UInt64
    public var content: Content

    /// A patch; see the properties of the same names.
    public init(offset: UInt64, content: Content) {
        self.offset = offset
        self.content = content
    }

    /// Bytes.
    public var count: UInt64 {
        switch content {
        case .bytes(let bytes): UInt64(bytes.count)
        case .fill(_, let count): count
        }
    }

    /// Changes a part of a file, which may begin and end anywhere.
    /// - Parameters:
    ///   - patches: of two that overlap, the later counts.
    ///   - part: bytes of the file from `offset` on.
    public static func apply(_ patches: [BytePatch], to part: inout [UInt8], at offset: UInt64) {
        let patches = BytePatches(patches)
        part.withUnsafeMutableBytes { patches.apply(to: $0, at: offset) }
    }
}
