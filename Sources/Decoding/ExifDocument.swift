import CExif

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
