import Core

/// Whose picture it is: all that renditions still say of the original's metadata.
struct Credit: Equatable {
    var creator: String?
    var copyright: String?

    /// - Returns: `nil` when nobody is named.
    init?(_ exif: MediaFacts.Exif?) {
        guard exif?.artist != nil || exif?.copyright != nil else { return nil }
        (creator, copyright) = (exif?.artist, exif?.copyright)
    }

    /// An Exif block of these two alone; what is not ASCII is UTF-8, as cameras and programs write it.
    var exifBlock: [UInt8] {
        ExifWriter.block(main: [
            creator.map { ExifWriter.Field(tag: 0x013B, text: $0) }, copyright.map { ExifWriter.Field(tag: 0x8298, text: $0) },
        ].compactMap { $0 })
    }
}
