/// A file that belongs into an archive, and where it comes from.
public struct ArchivedFile: Sendable, Equatable {
    /// What it is called unless another is called so already.
    public var name: String
    /// Where it lies.
    public var objectKey: ObjectKey
    /// Bytes.
    public var size: Int64
    /// Lower-case hex, of what lies there.
    public var sha256: String
    /// Of what lies there; `nil` when nobody has looked.
    public var crc32: UInt32?
    /// When it was received.
    public var modifiedAt: Timestamp
    /// What is to be given of it.
    public var form: Form

    /// In which form a file is in an archive.
    public enum Form: Sendable, Equatable {
        case stored
        /// Without the place that it may tell. The CRC-32 is that of the bytes that are given; `nil` when nobody has looked.
        case placeless(crc32: UInt32?)
    }

    /// A file; see the properties of the same names.
    public init(
        name: String, objectKey: ObjectKey, size: Int64, sha256: String, crc32: UInt32?, modifiedAt: Timestamp, form: Form = .stored
    ) {
        self.name = name
        self.objectKey = objectKey
        self.size = size
        self.sha256 = sha256
        self.crc32 = crc32
        self.modifiedAt = modifiedAt
        self.form = form
    }

    /// The CRC-32 of the bytes that are given; `nil` when nobody has looked.
    public var givenCRC32: UInt32? {
        switch form {
        case .stored: crc32
        case .placeless(let sum): sum
        }
    }

    /// Whether it is given without the place that it may tell.
    public var isPlaceless: Bool { form != .stored }
}

/// What is in an archive, in its order: the layout and where each file's bytes come from, packed.
public struct ArchiveListing: Sendable {
    /// What the archive is of.
    public let title: String
    /// Files whose checksums have to be found before there can be an archive.
    public private(set) var unknown: [ArchivedFile] = []
    private var builder = ArchiveBuilder()
    private var keys: [UInt8] = []
    private var keyEnds: [UInt32] = []
    private var digests: [UInt8] = []
    private var placeless: [Bool] = []

    /// - Parameter title: what the archive is of.
    public init(title: String) { self.title = title }

    /// Files.
    public var count: Int { placeless.count }

    /// The archive; only once no checksum is unknown.
    public var layout: ArchiveLayout { builder.layout }

    /// Bytes of memory, roughly.
    public var footprint: Int { keys.count + digests.count + count * 64 + 256 }

    /// Adds a file behind the others.
    public mutating func append(_ file: ArchivedFile) {
        if file.givenCRC32 == nil { unknown.append(file) }
        builder.add(file.name, size: file.size, crc32: file.givenCRC32 ?? 0, modifiedAt: file.modifiedAt)
        keys += file.objectKey.text.utf8
        keyEnds.append(UInt32(keys.count))
        digests += Self.digest(file.sha256)
        placeless.append(file.isPlaceless)
    }

    /// Where a file's bytes lie; `nil` for none of the archive's.
    public func objectKey(of index: Int) -> ObjectKey? {
        guard keyEnds.indices.contains(index) else { return nil }
        let start = index == 0 ? 0 : Int(keyEnds[index - 1])
        return ObjectKey(String(decoding: keys[start..<Int(keyEnds[index])], as: UTF8.self))
    }

    /// Whether another of the same files finds them at the same places.
    public func isLaidOut(as other: ArchiveListing) -> Bool {
        title == other.title && keyEnds == other.keyEnds && keys == other.keys
    }

    /// The SHA-256 of what lies there, 32 bytes.
    public func digest(of index: Int) -> ArraySlice<UInt8> { digests[index * 32..<index * 32 + 32] }

    /// Whether a file is given without the place that it may tell.
    public func isPlaceless(_ index: Int) -> Bool { placeless[index] }

    private static func digest(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for byte in hex.utf8.prefix(64) {
            let digit = byte > 0x39 ? (byte | 0x20) &- 0x57 : byte &- 0x30
            if let first = high { bytes.append(first << 4 | digit & 15) }
            high = high == nil ? digit & 15 : nil
        }
        return bytes + [UInt8](repeating: 0, count: 32 - bytes.count)
    }
}
