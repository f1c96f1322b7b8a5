/// What is in an archive, in its order: the layout and where each file's bytes come from, packed in a few pieces of memory
/// for all files.
public struct ArchiveListing: Sendable {
    /// What the archive is of.
    public let title: String
    /// The archive; only once no checksum is unknown.
    public let layout: ArchiveLayout
    /// The same text for as long as the files are the same.
    public let revision: String
    /// Whether files are in it as they are although they may tell where they were made.
    public let tellsPlaces: Bool
    /// Some of the files whose checksums have to be found before there can be an archive; at most `maximumUnknown`.
    public let unknown: [ArchivedFile]
    /// How many such files there are.
    public let unknownCount: Int

    fileprivate let places: ArchivePlaces

    /// Files that are named at a time because nobody knows their checksums.
    public static let maximumUnknown = 500
    /// Bytes of memory that a listing takes up at most: of each file its record with a name of 220 bytes, and its place with a
    /// key of 200.
    public static let maximumFootprint =
        ArchiveSubject.maximumFiles * (ArchiveTable.recordLength + 220 + ArchivePlaces.recordLength + 200)

    /// Files.
    public var count: Int { places.count }

    /// Bytes of memory, besides those of unknown files.
    public var footprint: Int { layout.footprint + places.footprint + revision.utf8.count + 512 }

    /// Where a file's bytes lie; `nil` for none of the archive's.
    public func objectKey(of index: Int) -> ObjectKey? { places.objectKey(of: index) }

    /// Whether another of the same files finds them at the same places.
    public func isLaidOut(as other: ArchiveListing) -> Bool { title == other.title && places.isLaidOut(as: other.places) }

    /// The SHA-256 of what lies there, 32 bytes; of what is missing, zeros.
    public func digest(of index: Int) -> ArraySlice<UInt8> { places.digest(of: index) }

    /// Whether a file is given without the place that it may tell.
    public func isPlaceless(_ index: Int) -> Bool { places.forms[index] == ArchivePlaces.placeless }

    /// Some of the objects that are not missing, from all over the archive.
    /// - Parameter count: at most so many, at least 1.
    public func sample(_ count: Int) -> [ObjectKey] {
        stride(from: 0, to: self.count, by: max(1, (self.count + count - 1) / count)).compactMap { isMissing($0) ? nil : objectKey(of: $0) }
    }

    /// Whether a note stands in place of any file.
    public var hasMissing: Bool { places.forms.contains(ArchivePlaces.missing) }

    /// Whether a note stands in place of a file.
    public func isMissing(_ index: Int) -> Bool { places.forms[index] == ArchivePlaces.missing }
}

/// Collects what is in an archive.
public struct ArchiveListingBuilder: Sendable {
    private let title: String
    private let revision: String
    private let tellsPlaces: Bool
    private var builder = ArchiveBuilder()
    private var places = ArchivePlaces()
    private var unknown: [ArchivedFile] = []
    private var unknownCount = 0

    /// See the properties of `ArchiveListing` of the same names.
    public init(title: String, revision: String = "", tellsPlaces: Bool = false) {
        (self.title, self.revision, self.tellsPlaces) = (title, revision, tellsPlaces)
    }

    /// Files.
    public var count: Int { places.count }

    /// Adds a file behind the others.
    public mutating func append(_ file: ArchivedFile) {
        if file.givenCRC32 == nil {
            unknownCount += 1
            if unknown.count < ArchiveListing.maximumUnknown { unknown.append(file) }
        }
        builder.add(file.name, size: file.size, crc32: file.givenCRC32 ?? 0, modifiedAt: file.modifiedAt)
        places.append(file)
    }

    /// What has been added, in no more memory than it needs.
    public var listing: ArchiveListing {
        ArchiveListing(
            title: title, layout: builder.layout, revision: revision, tellsPlaces: tellsPlaces, unknown: unknown,
            unknownCount: unknownCount, places: places.trimmed)
    }
}

/// An object that was to be sent and could not be found.
public struct MissingObject: Sendable, Equatable {
    public var objectKey: ObjectKey
    /// Bytes that it has when it is what it should be.
    public var size: Int64

    /// After which time it is looked whether one is back.
    public static let doubt = Duration.seconds(60)

    public init(objectKey: ObjectKey, size: Int64) { (self.objectKey, self.size) = (objectKey, size) }
}

/// Where the files of an archive lie, packed: 37 bytes each besides the key.
struct ArchivePlaces: Sendable {
    /// Bytes of each file's record, besides its key.
    static let recordLength = 37
    static let (stored, placeless, missing): (UInt8, UInt8, UInt8) = (0, 1, 2)

    private var keys: [UInt8] = []
    /// Behind each file's key.
    private var keyEnds: [UInt32] = []
    private var digests: [UInt8] = []
    private(set) var forms: [UInt8] = []

    var count: Int { forms.count }

    var footprint: Int { keys.capacity + 4 * keyEnds.capacity + digests.capacity + forms.capacity }

    var trimmed: ArchivePlaces {
        var places = ArchivePlaces()
        (places.keys, places.keyEnds) = (keys.trimmed, keyEnds.trimmed)
        (places.digests, places.forms) = (digests.trimmed, forms.trimmed)
        return places
    }

    mutating func append(_ file: ArchivedFile) {
        keys += file.objectKey.text.utf8
        keyEnds.append(UInt32(keys.count))
        Self.appendDigest(file.sha256, to: &digests)
        switch file.form {
        case .stored: forms.append(Self.stored)
        case .placeless: forms.append(Self.placeless)
        case .missing: forms.append(Self.missing)
        }
    }

    func objectKey(of index: Int) -> ObjectKey? {
        guard keyEnds.indices.contains(index) else { return nil }
        let start = index == 0 ? 0 : Int(keyEnds[index - 1])
        return ObjectKey(String(decoding: keys[start..<Int(keyEnds[index])], as: UTF8.self))
    }

    func isLaidOut(as other: ArchivePlaces) -> Bool { keyEnds == other.keyEnds && keys == other.keys }

    func digest(of index: Int) -> ArraySlice<UInt8> { digests[index * 32..<index * 32 + 32] }

    /// 32 bytes, whatever the text.
    private static func appendDigest(_ hex: String, to bytes: inout [UInt8]) {
        let end = bytes.count + 32
        var high: UInt8?
        for byte in hex.utf8.prefix(64) {
            let digit = byte > 0x39 ? (byte | 0x20) &- 0x57 : byte &- 0x30
            if let first = high { bytes.append(first << 4 | digit & 15) }
            high = high == nil ? digit & 15 : nil
        }
        while bytes.count < end { bytes.append(0) }
    }
}
