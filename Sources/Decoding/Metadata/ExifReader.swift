import CExif
import Core

/// Reads the fields Lumiere keeps from an Exif block (CIPA DC-008); what is missing or senseless is left out.
enum ExifReader {
    /// - Parameter block: with or without the `Exif\0\0` in front.
    /// - Returns: `nil` when the block says nothing at all.
    static func read(_ block: [UInt8]) -> MediaFacts.Exif? {
        ExifDocument(block).flatMap(read)
    }

    /// - Returns: `nil` when the document says nothing at all.
    static func read(_ document: ExifDocument) -> MediaFacts.Exif? {
        var exif = MediaFacts.Exif()
        readCamera(document, into: &exif)
        readExposure(document, into: &exif)
        readPlace(document, into: &exif)
        return exif == MediaFacts.Exif() ? nil : exif
    }

    private static func readCamera(_ document: ExifDocument, into exif: inout MediaFacts.Exif) {
        exif.make = document.text(.main, 0x010F)
        exif.model = document.text(.main, 0x0110)
        exif.lens = document.text(.exif, 0xA434)
        exif.artist = document.text(.main, 0x013B)
        exif.copyright = document.text(.main, 0x8298)
        exif.orientation = document.integer(.main, 0x0112).flatMap { (1...8).contains($0) ? $0 : nil }
        exif.capturedAt = time(document, document.text(.exif, 0x9003), fraction: 0x9291, offset: 0x9011)
            ?? time(document, document.text(.main, 0x0132), fraction: 0x9290, offset: 0x9010)
    }

    private static func time(_ document: ExifDocument, _ text: String?, fraction: UInt32, offset: UInt32) -> String? {
        ExifText.time(text, fraction: document.text(.exif, fraction), offset: document.text(.exif, offset))
    }

    private static func readExposure(_ document: ExifDocument, into exif: inout MediaFacts.Exif) {
        exif.focalLength = document.positive(.exif, 0x920A)
        exif.aperture = document.positive(.exif, 0x829D)
        exif.exposureTime = document.positive(.exif, 0x829A)
        // ISO 65535 means "see RecommendedExposureIndex", which is wider.
        let iso = document.integer(.exif, 0x8827)
        exif.iso = (iso == 65_535 ? document.integer(.exif, 0x8832) : iso).flatMap { $0 > 0 ? $0 : nil }
        exif.focalLength35mm = document.integer(.exif, 0xA405).flatMap { $0 > 0 ? Double($0) : nil }
        exif.exposureBias = document.signed(.exif, 0x9204).map { rounded($0, to: 100) }
        exif.exposureProgram = document.integer(.exif, 0x8822).flatMap { programs[$0] }
        exif.meteringMode = document.integer(.exif, 0x9207).flatMap { meteringModes[$0] }
        // The lowest bit alone says whether it fired (CIPA DC-008 section 4.6.6.1, tag Flash).
        exif.flash = document.integer(.exif, 0x9209).map { $0 & 1 == 1 }
    }

    private static let programs = [
        1: "manual", 2: "normal", 3: "aperturePriority", 4: "shutterPriority", 5: "creative", 6: "action", 7: "portrait",
        8: "landscape",
    ]

    private static let meteringModes = [
        1: "average", 2: "centreWeighted", 3: "spot", 4: "multiSpot", 5: "pattern", 6: "partial", 255: "other",
    ]

    private static func readPlace(_ document: ExifDocument, into exif: inout MediaFacts.Exif) {
        let latitude = angle(document, value: 2, reference: 1, negative: "S", limit: 90)
        let longitude = angle(document, value: 4, reference: 3, negative: "W", limit: 180)
        guard let latitude, let longitude else { return }
        // A hundred-millionth of a degree is a millimetre; the rest is noise of the division.
        (exif.latitude, exif.longitude) = (rounded(latitude, to: 1e8), rounded(longitude, to: 1e8))
        let isBelowSea = document.integer(.gps, 5) == 1
        exif.altitude = document.rationals(.gps, 6)?.first.map { rounded(isBelowSea ? -$0 : $0, to: 100) }
    }

    private static func rounded(_ value: Double, to parts: Double) -> Double { (value * parts).rounded() / parts }

    /// Degrees, minutes and seconds as degrees with a sign.
    private static func angle(
        _ document: ExifDocument, value: UInt32, reference: UInt32, negative: String, limit: Double
    ) -> Double? {
        guard let parts = document.rationals(.gps, value), parts.count == 3 else { return nil }
        let degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
        guard (0...limit).contains(degrees) else { return nil }
        return document.text(.gps, reference)?.uppercased() == negative ? -degrees : degrees
    }
}
