import CLibRaw
import Core
import Glibc

extension RawFile {
    /// What the camera wrote, from LibRaw's fields, and from the file's own directories where they are a TIFF file's.
    func facts(_ type: SniffedType, at path: String) -> MediaFacts {
        let isSideways = clockwise % 180 != 0
        var facts = MediaFacts(
            kind: .photo, contentType: contentType(type),
            width: isSideways ? height : width, height: isSideways ? width : height)
        PictureMetadata(exif: PictureMetadata.excerpt(of: path)).add(to: &facts)
        facts.exif = completed(facts.exif ?? .init())
        return facts
    }

    /// Fields with what LibRaw knows beyond them. It knows better how the picture lies, and what cameras are called.
    private func completed(_ exif: MediaFacts.Exif) -> MediaFacts.Exif {
        let known = self.exif
        var exif = exif
        for text in [\MediaFacts.Exif.lens, \.artist, \.capturedAt] { exif[keyPath: text] = exif[keyPath: text] ?? known[keyPath: text] }
        for number in [\MediaFacts.Exif.focalLength, \.aperture, \.exposureTime] {
            exif[keyPath: number] = exif[keyPath: number] ?? known[keyPath: number]
        }
        exif.iso = exif.iso ?? known.iso
        if exif.latitude == nil { (exif.latitude, exif.longitude, exif.altitude) = (known.latitude, known.longitude, known.altitude) }
        (exif.make, exif.model, exif.orientation) = (known.make ?? exif.make, known.model ?? exif.model, known.orientation)
        return exif
    }

    /// Most raw files are TIFFs: only their content tells whose.
    private func contentType(_ type: SniffedType) -> String {
        guard type == .tiff else { return type.contentType }
        if lumiere_raw_is_dng(raw) != 0 { return "image/x-adobe-dng" }
        switch make?.lowercased().split(separator: " ").first {
        case "nikon": return "image/x-nikon-nef"
        case "sony": return "image/x-sony-arw"
        case "pentax", "ricoh": return "image/x-pentax-pef"
        case "samsung": return "image/x-samsung-srw"
        default: return "image/x-raw"
        }
    }

    private var make: String? { text(lumiere_raw_make(raw)) }

    private var exif: MediaFacts.Exif {
        var exif = MediaFacts.Exif()
        exif.make = make
        exif.model = text(lumiere_raw_model(raw))
        exif.lens = text(lumiere_raw_lens(raw))
        exif.artist = text(lumiere_raw_artist(raw))
        exif.focalLength = positive(lumiere_raw_focal_length(raw))
        exif.aperture = positive(lumiere_raw_aperture(raw))
        exif.exposureTime = positive(lumiere_raw_exposure(raw))
        exif.iso = positive(lumiere_raw_iso(raw)).flatMap { Int(exactly: $0.rounded()) }
        exif.capturedAt = capturedAt
        exif.orientation = [0: 1, 90: 6, 180: 3, 270: 8][clockwise]
        if lumiere_raw_has_place(raw) != 0 {
            let place = (lumiere_raw_latitude(raw), lumiere_raw_longitude(raw))
            if (-90...90).contains(place.0), (-180...180).contains(place.1) { (exif.latitude, exif.longitude) = place }
            let altitude = lumiere_raw_altitude(raw)
            exif.altitude = exif.latitude == nil || !altitude.isFinite ? nil : altitude
        }
        return exif
    }

    /// LibRaw took the camera's local time for this machine's: undone here, so that the camera's own clock shows.
    private var capturedAt: String? {
        var time = lumiere_raw_timestamp(raw)
        var fields = tm()
        guard time > 0, localtime_r(&time, &fields) != nil else { return nil }
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &fields)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func text(_ characters: UnsafePointer<CChar>?) -> String? {
        characters.flatMap { ExifText.clean(UnsafeBufferPointer(start: $0, count: strlen($0)).map { UInt8(bitPattern: $0) }) }
    }

    /// Through text, so that a float printed as `2.8` does not become 2.7999999523.
    private func positive(_ value: Float) -> Double? {
        guard value.isFinite, value > 0 else { return nil }
        return Double("\(value)")
    }
}
