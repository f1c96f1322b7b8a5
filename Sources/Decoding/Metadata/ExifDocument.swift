import CExif
import Core

/// An Exif block parsed by libexif, with bounds-checked access to its entries.
final class ExifDocument {
    enum Directory: Int { case main, exif, gps }

    private let data: UnsafeMutablePointer<ExifData>
    private let order: ExifByteOrder

    /// - Returns: `nil` when memory is short or the block is empty.
    init?(_ block: [UInt8]) {
        let prefix = Array("Exif\0\0".utf8)
        let block = block.starts(with: prefix) ? block : prefix + block
        guard block.count > 14, block.count <= 1 << 24, let data = exif_data_new() else { return nil }
        // Keeps what is not in libexif's own table, e.g. newer offset and lens tags.
        exif_data_unset_option(data, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS)
        exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION)
        exif_data_load_data(data, block, UInt32(block.count))
        self.data = data
        self.order = exif_data_get_byte_order(data)
    }

    deinit { exif_data_unref(data) }

    /// A text entry, cleaned.
    func text(_ directory: Directory, _ tag: UInt32) -> String? {
        guard let (entry, bytes) = entry(directory, tag), entry.format == EXIF_FORMAT_ASCII else { return nil }
        return ExifText.clean(bytes)
    }

    /// The first value of an entry of whole numbers.
    func integer(_ directory: Directory, _ tag: UInt32) -> Int? {
        guard let (entry, bytes) = entry(directory, tag) else { return nil }
        switch entry.format {
        case EXIF_FORMAT_BYTE: return bytes.first.map(Int.init)
        case EXIF_FORMAT_SHORT where bytes.count >= 2: return Int(exif_get_short(bytes.baseAddress, order))
        case EXIF_FORMAT_LONG where bytes.count >= 4: return Int(exif_get_long(bytes.baseAddress, order))
        default: return nil
        }
    }

    /// The first value of a rational entry, when it is finite and above 0.
    func positive(_ directory: Directory, _ tag: UInt32) -> Double? {
        rationals(directory, tag)?.first.flatMap { $0 > 0 ? $0 : nil }
    }

    /// All values (at most 8) of an entry of unsigned rationals; `nil` when one of them has no value.
    func rationals(_ directory: Directory, _ tag: UInt32) -> [Double]? {
        guard let (entry, bytes) = entry(directory, tag), entry.format == EXIF_FORMAT_RATIONAL else { return nil }
        let count = min(Int(clamping: entry.components), bytes.count / 8, 8)
        var values: [Double] = []
        for index in 0..<count {
            let value = exif_get_rational(bytes.baseAddress! + 8 * index, order)  // Not empty: the count is above 0.
            guard value.denominator != 0 else { return nil }
            values.append(Double(value.numerator) / Double(value.denominator))
        }
        return values.isEmpty ? nil : values
    }

    /// The first value of an entry of signed rationals.
    func signed(_ directory: Directory, _ tag: UInt32) -> Double? {
        guard let (entry, bytes) = entry(directory, tag), entry.format == EXIF_FORMAT_SRATIONAL, bytes.count >= 8 else { return nil }
        let value = exif_get_srational(bytes.baseAddress, order)
        return value.denominator == 0 ? nil : Double(value.numerator) / Double(value.denominator)
    }

    /// The small JPEG file that cameras store beside the picture.
    var thumbnail: [UInt8]? {
        guard let bytes = data.pointee.data, data.pointee.size > 0 else { return nil }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(data.pointee.size)))
    }

    /// All entries in words, as many and as much of them as are kept; what only the camera's maker understands is none.
    func tags() -> [MediaFacts.Tag] {
        let directories = data.pointee.ifd
        let groups = [
            ("image", directories.0, EXIF_IFD_0), ("exif", directories.2, EXIF_IFD_EXIF), ("gps", directories.3, EXIF_IFD_GPS),
            ("thumbnail", directories.1, EXIF_IFD_1), ("interoperability", directories.4, EXIF_IFD_INTEROPERABILITY),
        ]
        var tags: [MediaFacts.Tag] = []
        for case (let group, let content?, let directory) in groups {
            for index in 0..<Int(content.pointee.count) where tags.count < MediaFacts.Tag.maximumCount {
                guard let entry = content.pointee.entries[index] else { continue }
                if let tag = Self.tag(entry, group, directory) { tags.append(tag) }
            }
        }
        return MediaFacts.Tag.bounded(tags)
    }

    private static func tag(_ entry: UnsafeMutablePointer<ExifEntry>, _ group: String, _ directory: ExifIfd) -> MediaFacts.Tag? {
        let number = entry.pointee.tag
        guard number != EXIF_TAG_MAKER_NOTE, entry.pointee.data != nil else { return nil }
        let value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer -> String? in
            // Terminated also when it is cut.
            guard exif_entry_get_value(entry, buffer.baseAddress, UInt32(buffer.count)) != nil else { return nil }
            return ExifText.clean(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
        }
        let name = exif_tag_get_name_in_ifd(number, directory).map { String(cString: $0) }
        return value.map { .init(group: group, name: name ?? "0x" + String(number.rawValue, radix: 16), value: $0) }
    }

    private func entry(_ directory: Directory, _ tag: UInt32) -> (ExifEntry, UnsafeBufferPointer<UInt8>)? {
        let directories = data.pointee.ifd
        let content = switch directory {
        case .main: directories.0
        case .exif: directories.2
        case .gps: directories.3
        }
        guard let content, let entry = exif_content_get_entry(content, ExifTag(rawValue: tag)), let bytes = entry.pointee.data
        else { return nil }
        return (entry.pointee, UnsafeBufferPointer(start: bytes, count: Int(entry.pointee.size)))
    }
}
