import Testing

@testable import Decoding

@Suite("User data in films") struct UserDataSearchTests {
    private static func box(_ kind: String, _ content: [UInt8] = []) -> [UInt8] {
        let name = kind.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        return withUnsafeBytes(of: UInt32(8 + content.count).bigEndian, Array.init) + name + content
    }

    private static let place = Array("freeGPS 48.1374".utf8)
    private static let zeros = [UInt8](repeating: 0, count: 100_000)

    /// A film with something more at one place.
    private static func film(
        file: [UInt8] = [], moov: [UInt8] = [], trak: [UInt8] = [], mdia: [UInt8] = [], minf: [UInt8] = [], stbl: [UInt8] = [],
        reference: [UInt8] = []
    ) -> [UInt8] {
        let table = box("stbl", box("stsd", [1]) + box("stts") + box("stsc") + box("stsz") + box("stco") + stbl)
        let data = box("dinf", box("dref", [0, 0, 0, 0, 0, 0, 0, 1] + box("url ", [0, 0, 0, 1] + reference)))
        let media = box("mdia", box("mdhd") + box("hdlr") + box("minf", box("vmhd") + data + table + minf) + mdia)
        let track = box("trak", box("tkhd", [1, 2]) + box("edts", box("elst")) + media + trak)
        return box("ftyp", [1]) + box("moov", box("mvhd", [1]) + track + moov) + box("mdat", place) + file
    }

    static let examples: [(String, [UInt8], Bool)] = [
        ("nothing more", film(), false),
        ("the program's name", film(moov: box("udta", box("meta", [0, 0, 0, 0] + box("hdlr") + box("ilst", box("\u{A9}too", [1]))))), false),
        ("room left free", film(file: box("free", zeros), moov: box("free", zeros), trak: box("skip")), false),
        ("more room than is looked at", film(file: box("free", [UInt8](repeating: 0, count: 2 << 20))), true),
        ("room that is not free", film(file: box("free", zeros + place)), true),
        ("room in the index that is not free", film(moov: box("free", place)), true),
        ("room in metadata that is not free", film(moov: box("udta", box("meta", box("hdlr") + box("free", place)))), true),
        ("a vendor's box", film(file: box("gps0", place)), true),
        ("a vendor's box in the index", film(moov: box("gps ", place)), true),
        ("a vendor's box in a track", film(trak: box("GPMF", place)), true),
        ("a vendor's box in a track's media", film(mdia: box("gps0", place)), true),
        ("a vendor's box beside the tables", film(minf: box("gmhd", place)), true),
        ("a vendor's box among the tables", film(stbl: box("gps0", place)), true),
        ("a reference to another file", film(reference: Array("Macintosh HD:Sommer:".utf8)), true),
        ("fragments", film(file: box("moof") + box("mdat") + box("mfra")), true),
        ("user data of a track", film(trak: box("udta", box("name", place))), true),
        ("empty user data", film(trak: box("udta")), false),
        ("a second index inside the first", film(moov: box("moov")), true),
        ("bytes that are no box", film(file: [1, 2, 3]), true),
    ]

    @Test("only what every film needs tells nothing", arguments: examples)
    func allowed(name: String, film: [UInt8], tells: Bool) throws {
        var search = UserDataSearch { offset, count in Array(film[Int(offset)..<min(film.count, Int(offset) + count)]) }
        #expect(try search.finds(in: 0..<UInt64(film.count)) == tells)
    }
}
