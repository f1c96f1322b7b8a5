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
        /// It could not be found: a note says so in its place.
        case missing
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
        case .stored, .missing: crc32
        case .placeless(let sum): sum
        }
    }

    /// Whether it is given without the place that it may tell.
    public var isPlaceless: Bool { if case .placeless = form { true } else { false } }

    /// What stands in the place of a file that could not be found.
    public var asMissing: ArchivedFile {
        ArchivedFile(
            name: "\(name).missing.txt", objectKey: objectKey, size: Int64(MissingNote.bytes.count), sha256: "", crc32: MissingNote.crc32,
            modifiedAt: modifiedAt, form: .missing)
    }
}

/// What is said in archives of a file that could not be found.
///
/// It stands in the file's own place and is the same for all of them. What comes before it stays as it is; what comes behind it
/// is there too, but may lie elsewhere, for a note has another length and another name than its file, and may be numbered otherwise.
public enum MissingNote {
    public static let bytes = Array("This file could not be read from the server's storage when the archive was made.\r\n".utf8)
    /// The CRC-32 of these bytes.
    public static let crc32: UInt32 = 0xECD4_561E
}
