import Core
import Database
import Testing

@testable import Processing

@Suite struct RenditionDownloadTests {
    private func rendition(
        _ original: OriginalID, _ name: RenditionName, _ format: MediaFormat, recipe: String = "aaaaaaaaaaaa", width: Int,
        crc32: UInt32? = 0xFFFF_FFFE
    ) -> Rendition {
        Rendition(
            originalID: original, name: name, format: format, recipe: recipe, width: width, height: width, size: 10,
            sha256: "ab", crc32: crc32, objectKey: .rendition(original, name, recipe: recipe, format: format))
    }

    @Test func `of each original the largest JPEG of a recipe is given, and a film that plays`() async throws {
        let house = try await TestHouse()
        let (photo, film, other) = (house.job().originalID, house.job().originalID, house.job().originalID)
        let all = [
            rendition(photo, .thumb, .jpeg, width: 320), rendition(photo, .large, .jpeg, width: 2560),
            rendition(photo, .large, .webp, width: 2560), rendition(photo, .medium, .jpeg, recipe: "bbbbbbbbbbbb", width: 1280),
            rendition(photo, .small, .jpeg, recipe: "bbbbbbbbbbbb", width: 640),
            rendition(film, .poster, .jpeg, width: 1920), rendition(film, .stream, .mp4, width: 1920),
            rendition(film, .sprite, .jpeg, width: 4000), rendition(other, .thumb, .webp, width: 320),
        ]
        let (session, renditions) = (house.session, house.renditions)
        let find = { (recipe: String?) in
            try await house.database.read { transaction in
                try renditions.downloads(of: [photo: recipe, film: nil, other: nil], transaction: transaction)
                    .mapValues { $0.map(\.objectKey.text).sorted() }
            }
        }
        try await house.database.write { transaction in
            for one in all { try renditions.put(one, of: session, in: transaction) }
        }
        let films = [all[5], all[6]].map(\.objectKey.text).sorted()
        #expect(try await find("aaaaaaaaaaaa") == [photo: [all[1].objectKey.text], film: films])
        #expect(try await find("bbbbbbbbbbbb") == [photo: [all[3].objectKey.text], film: films])
        #expect(try await find(nil) == [photo: [all[1].objectKey.text], film: films])
        #expect(try await find("cccccccccccc") == [film: films])
    }

    @Test func `a checksum is noted of what has none`() async throws {
        let house = try await TestHouse()
        let original = house.job().originalID
        let (old, new) = (rendition(original, .large, .jpeg, width: 9, crc32: nil), rendition(original, .small, .jpeg, width: 3))
        let (session, renditions) = (house.session, house.renditions)
        let found = try await house.database.write { transaction in
            for one in [old, new] { try renditions.put(one, of: session, in: transaction) }
            for one in [old, new] { try renditions.note(crc32: 7, of: one.objectKey, in: transaction) }
            return try renditions.renditions(of: [original], transaction: transaction)
        }
        #expect(found[original]?.map(\.crc32) == [0xFFFF_FFFE, 7])
    }
}
