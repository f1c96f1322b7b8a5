import Core
import Sessions

/// The rows that are measured with.
enum Sample {
    static let photos = 5000
    // Both are well-formed; otherwise nothing here would start.
    static let session = SessionID("0193a000-0000-7000-8000-000000000001")!
    static let user = UserID("0193a000-0000-7000-8000-000000000002")!
    static let start = Timestamp(milliseconds: 1_780_000_000_000)
    static let message = String(repeating: "What a lovely picture of you two! ", count: 3)

    /// Inserts some photos of the session; their numbers make them different.
    static func insertPhotos(_ numbers: Range<Int>, _ transaction: any Transaction) throws {
        let facts = try JSON.text(facts)
        for number in numbers {
            let time = start + .seconds(number)
            let id = PhotoID(at: time)
            let hash = String(repeating: "0", count: 56) + String(10_000_000 + number)
            try transaction.execute(
                """
                INSERT INTO photos (id, original_id, session_id, original_key, uploader_id, filename, content_type, size,
                    sha256, crc32, status, facts, created_at, shown_at)
                VALUES (\(id), \(OriginalID(id)), \(session), \(ObjectKey.original(OriginalID(id))), \(user),
                    \("IMG_\(number).jpg"), \("image/jpeg"), \(Int64(7_340_032 + number)), \(hash), \(Int64(number)),
                    \(Photo.Status.ready), \(facts), \(time), \(time + .seconds(1)))
                """)
        }
    }

    /// What a camera of today writes.
    private static var facts: MediaFacts {
        var exif = MediaFacts.Exif()
        exif.make = "Canon"
        exif.model = "Canon EOS R5"
        exif.lens = "RF24-70mm F2.8 L IS USM"
        exif.focalLength = 50
        exif.aperture = 2.8
        exif.exposureTime = 0.004
        exif.iso = 800
        exif.capturedAt = "2026-06-01T14:03:21+02:00"
        exif.orientation = 1
        return MediaFacts(kind: .photo, contentType: "image/jpeg", width: 8192, height: 5464, exif: exif)
    }
}
