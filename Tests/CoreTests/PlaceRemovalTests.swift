import Core
import Foundation
import Testing

/// Files made of bytes: each with a place, in one of the ways there are.
enum PlacedFiles {
    static let mark = Array("48,8.2466N".utf8)

    /// An Exif block with a make and a place of one remote value.
    static func exif(isBigEndian: Bool = true) -> [UInt8] {
        ExifWriter.block(
            main: [.init(tag: 0x010F, text: "Canon")], exif: [.init(tag: 0xA434, text: "A lens")],
            gps: [.init(tag: 1, text: "N"), .init(tag: 2, type: 5, count: 3, value: mark + [UInt8](repeating: 7, count: 14))],
            isBigEndian: isBigEndian)
    }

    /// A headline, a city of that name, and a country.
    static let iptc: [UInt8] = [[0x1C, 2, 105, 0, 2, 72, 105], [0x1C, 2, 90, 0x80, 2, 0, 10] + mark, [0x1C, 2, 101, 0, 10] + mark].flatMap { $0 }

    /// One of Photoshop's image resources, padded to even length.
    static func resource(_ signature: String, _ number: Int, _ data: [UInt8]) -> [UInt8] {
        [Array(signature.utf8), big(number, 2), [0, 0], big(data.count, 4), data, data.count % 2 == 1 ? [0] : []].flatMap { $0 }
    }

    static func app13(_ content: [UInt8]...) -> [UInt8] { segment(0xED, Array("Photoshop 3.0\0".utf8) + content.flatMap { $0 }) }

    static let packet = Array(
        """
        <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmp:Rating="3" exif:GPSLatitude="48,8.2466N" dc:a='b'
        drone-dji:GpsLongitude = '48,8.2466N' drone-x:latitude="48,8.2466N" photoshop:City="48,8.2466N" geo:lat="48,8.2466N" geo:long='48,8.2466N' xmpDM:shotLocation="48,8.2466N" crs:lateral="5"
        ><Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li Iptc4xmpExt:City="48,8.2466N"/></rdf:Bag></Iptc4xmpExt:LocationShown><exif:GPSMapDatum>48,8.2466N</exif:GPSMapDatum><exif:GPSDestDistance/>
        <dc:title>No GPS here, and no GPS="kept" there</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>
        """.utf8)

    static func big(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - $0))) } }
    static func little(_ value: Int, _ width: Int) -> [UInt8] { big(value, width).reversed() }

    static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] { [0xFF, marker] + big(content.count + 2, 2) + content }

    static func jpeg(_ segments: [UInt8]..., trailer: [UInt8] = []) -> [UInt8] {
        let (start, end): ([UInt8], [UInt8]) = ([0xFF, 0xD8], [9, 0xFF, 0, 9, 0xFF, 0xD3, 9, 0xFF, 0xD9])
        let header: [UInt8] = segment(0xE0, Array("JFIF\0".utf8))
        let scan: [UInt8] = segment(0xDA, [1, 2, 3])
        return [start, header, Array(segments.joined()), scan, end, trailer].flatMap { $0 }
    }

    static func app1(_ exif: [UInt8]) -> [UInt8] { segment(0xE1, Array("Exif\0\0".utf8) + exif) }

    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let signed: [UInt8] = Array(type.utf8) + content
        return big(content.count, 4) + signed + big(Int(checksum(signed)), 4)
    }

    /// The polynomial division itself, bit by bit.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = .max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }

    static func png(_ chunks: [UInt8]..., trailer: [UInt8] = []) -> [UInt8] {
        let start: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let header = chunk("IHDR", [UInt8](repeating: 1, count: 13))
        return [start, header, Array(chunks.joined()), chunk("IDAT", [1, 2, 3]), chunk("IEND", []), trailer].flatMap { $0 }
    }

    static func webP(_ chunks: (String, [UInt8])..., trailer: [UInt8] = []) -> [UInt8] {
        let content: [UInt8] = chunks.flatMap { kind, content -> [UInt8] in
            let padding: [UInt8] = content.count % 2 == 1 ? [0] : []
            return [Array(kind.utf8), little(content.count, 4), content, padding].flatMap { $0 }
        }
        return [Array("RIFF".utf8), little(content.count + 4, 4), Array("WEBP".utf8), content, trailer].flatMap { $0 }
    }

    static func box(_ kind: String, _ content: [UInt8]) -> [UInt8] { big(content.count + 8, 4) + Array(kind.utf8) + content }

    /// A HEIF file with an Exif block and an XMP packet as items.
    static func heif(_ brand: String = "heic", isInside: Bool = false, coding: String = "", more: [UInt8] = [], trailer: [UInt8] = []) -> [UInt8] {
        let prefix: [UInt8] = [0, 0, 0, 6] + Array("Exif\0\0".utf8)
        let items: [[UInt8]] = [Array("pixels".utf8), prefix + exif(), packet]
        let list: [[UInt8]] = [[0, 0, 0, 0, 0, 3], entry(1, "hvc1"), entry(2, "Exif"), entry(3, "mime", "application/rdf+xml\0\(coding)\0")]
        let names = box("iinf", list.flatMap { $0 })
        let data = items.flatMap { $0 }
        let head = box("ftyp", Array(brand.utf8) + [0, 0, 0, 0] + Array("mif1".utf8))
        func meta(_ start: Int) -> [UInt8] {
            var (rows, offset): ([UInt8], Int) = (big(3, 2), start)
            for (index, item) in items.enumerated() {
                let row: [[UInt8]] = [big(index + 1, 2), [0, isInside ? 1 : 0, 0, 0], big(1, 2), big(offset, 4), big(item.count, 4)]
                rows += row.flatMap { $0 }
                offset += item.count
            }
            let places = box("iloc", [1, 0, 0, 0, 0x44, 0] + rows)
            return box("meta", [[0, 0, 0, 0], names, places, more, isInside ? box("idat", data) : []].flatMap { $0 })
        }
        if isInside { return head + meta(0) + trailer }
        return head + meta(head.count + meta(0).count + 8) + box("mdat", data) + trailer
    }

    private static func entry(_ number: Int, _ type: String, _ more: String = "") -> [UInt8] {
        box("infe", [[2, 0, 0, 0], big(number, 2), [0, 0], Array(type.utf8), [0], Array(more.utf8)].flatMap { $0 })
    }

    /// A table of two colours, an extension that says how to show the picture, and a picture with a table of its own.
    static func gif(_ extensions: [UInt8]..., trailer: [UInt8] = []) -> [UInt8] {
        let head: [UInt8] = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6]
        let control: [UInt8] = [0x21, 0xF9, 4, 0, 0, 0, 0, 0] + [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
        let picture: [UInt8] = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 1, 2, 3, 4, 5, 6, 2, 2, 0x4C, 1, 0]
        return [head, control, extensions.flatMap { $0 }, picture, [0x3B], trailer].flatMap { $0 }
    }

    /// What a packet ends with: whatever byte is taken for a length leads to its end.
    static let gifTrailer: [UInt8] = [1] + (0...255).map { UInt8(255 - $0) } + [0]
    static let gifPacket: [UInt8] = [0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + packet + gifTrailer

    static let all: [(String, [UInt8])] = [
        ("Exif in JPEG", jpeg(app1(exif()))),
        ("little-endian Exif in JPEG", jpeg(app1(exif(isBigEndian: false)))),
        ("XMP in JPEG", jpeg(segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + packet))),
        ("the rest of a long XMP packet", jpeg(segment(0xE1, Array("http://ns.adobe.com/xmp/extension/\0".utf8) + mark))),
        ("XMP in Photoshop's resources", jpeg(segment(0xED, Array("Photoshop 3.0\08BIM".utf8) + [4, 0x24, 0, 0] + big(packet.count, 4) + packet))),
        ("claims in JUMBF", jpeg(segment(0xEB, Array("JP".utf8) + mark))),
        ("an Exif block that is none", jpeg(app1(Array("xx".utf8) + mark))),
        ("a film behind a JPEG", jpeg(trailer: box("ftyp", []) + mark)),
        ("a preview behind a JPEG", jpeg(app1(exif()), trailer: [0, 0] + jpeg(app1(exif())))),
        ("Exif in PNG", png(chunk("eXIf", exif()))),
        ("XMP in PNG", png(chunk("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + packet))),
        ("compressed XMP in PNG", png(chunk("iTXt", Array("XML:com.adobe.xmp\0\u{1}\0\0\0".utf8) + mark))),
        ("Exif in hex in PNG", png(chunk("zTXt", Array("Raw profile type exif\0\0".utf8) + mark))),
        ("behind a PNG", png(trailer: mark)),
        ("Exif in WebP", webP(("VP8 ", [1]), ("EXIF", exif()))),
        ("prefixed Exif in WebP", webP(("VP8 ", [1]), ("EXIF", Array("Exif\0\0".utf8) + exif()))),
        ("XMP in WebP", webP(("VP8 ", [1]), ("XMP ", packet), trailer: mark)),
        ("HEIC", heif()), ("AVIF", heif("avif")), ("HEIC with items inside its list", heif(isInside: true)),
        ("a film behind a HEIC", heif(trailer: box("mpvd", mark))),
        ("text in PNG", png(chunk("tEXt", Array("exif:GPSLatitude\0".utf8) + mark))),
        ("XMP in GIF", Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + packet + [1, 0, 0x3B]),
        ("padding in HEIC", heif(trailer: box("free", mark) + box("skip", mark))),
        ("XML in the list of HEIC's items", heif(more: box("xml ", [0, 0, 0, 0] + mark))),
        ("a box that nobody knows in HEIC's list", heif(more: box("uuid", mark) + box("free", mark))),
        ("signed claims in PNG", png(chunk("caBX", mark))), ("a chunk that nobody knows in PNG", png(chunk("prVt", mark))),
        ("a chunk that nobody must pass over in PNG", png(chunk("ABCD", mark))),
        ("behind a GIF", gif(trailer: mark)), ("two packets in GIF", gif(gifPacket, gifPacket)),
        ("a program's comment in GIF", gif([0x21, 0xFE, 24] + Array("GPSLatitude: x".utf8) + mark + [0])),
        ("a program's extension in GIF", gif([0x21, 0xFF, 11] + Array("LOCATION1.0".utf8) + [10] + mark + [0])),
        ("what is no block in GIF", gif([0x77] + mark)),
        ("a program's comment", jpeg(segment(0xFE, Array("GPSLatitude: ".utf8) + mark))),
        ("a segment that nobody knows", jpeg(segment(0xE6, Array("GoPro\0".utf8) + mark))),
        ("a city in IPTC", jpeg(segment(0xED, Array("Photoshop 3.0\08BIM".utf8) + [4, 4, 0, 0] + big(iptc.count, 4) + iptc))),
        ("a city behind another program's resource", jpeg(app13(resource("MeSa", 1, [1, 2, 3]), resource("8BIM", 0x0404, iptc)))),
        ("a city in another program's resource", jpeg(app13(resource("PHUT", 0x0404, iptc)))),
        ("the rest of a split resource", jpeg(app13(Array(resource("8BIM", 0x0404, iptc).dropLast(20))), app13(mark, [1, 2]))),
        ("behind the resources", jpeg(app13(resource("8BIM", 0x03ED, [1, 2]), [0, 0, 0, 0], mark))),
        ("a few bytes behind the resources", jpeg(app13(resource("8BIM", 0x03ED, [1, 2]), mark))),
        ("behind the data sets", jpeg(app13(resource("8BIM", 0x0404, [0x1C, 2, 105, 0, 2, 72, 105, 0] + mark + mark)))),
        ("geographic keys", ExifWriter.block(main: [.init(tag: 0x8482, type: 12, count: 6, value: mark + [UInt8](repeating: 1, count: 38))])),
        ("a chunk that nobody knows", webP(("VP8 ", [1]), ("GPSX", mark))),
        ("within a frame of WebP", webP(("VP8X", [1]), ("ANMF", [UInt8](repeating: 0, count: 16) + webP(("VP8 ", [1]), ("EXIF", mark)).dropFirst(12)))),
        ("behind a frame's chunks in WebP", webP(("ANMF", [UInt8](repeating: 0, count: 16) + webP(("ALPH", [1]), ("ANMF", mark)).dropFirst(12) + [1]))),
        ("a compressed packet in HEIC", heif(coding: "deflate")),
        ("TIFF", exif()), ("little-endian TIFF", exif(isBigEndian: false)),
    ]

    static func outcome(_ file: [UInt8]) throws -> PlaceRemoval.Outcome {
        try PlaceRemoval.outcome(size: UInt64(file.count)) { offset, count in
            Array(file[min(file.count, Int(offset))..<min(file.count, Int(offset) + count)])
        }
    }

    /// - Returns: `nil` when it cannot be done.
    static func without(_ file: [UInt8]) throws -> [UInt8]? {
        guard case .patches(let patches) = try outcome(file) else { return nil }
        var changed = file
        BytePatch.apply(patches, to: &changed, at: 0)
        return changed
    }
}

@Suite("Removal of places") struct PlaceRemovalTests {
    private func contains(_ file: [UInt8], _ word: [UInt8]) -> Bool { Data(file).range(of: Data(word)) != nil }

    @Test("every kind of file loses its place, and keeps its length", arguments: PlacedFiles.all)
    func removed(name: String, file: [UInt8]) throws {
        #expect(contains(file, PlacedFiles.mark))
        let changed = try #require(try PlacedFiles.without(file))
        #expect(changed.count == file.count)
        #expect(!contains(changed, PlacedFiles.mark))
        #expect(try PlacedFiles.without(changed) == changed)
    }

    @Test(
        "what else the blocks say stays",
        arguments: PlacedFiles.all.filter { $0.0.contains("TIFF") || $0.0.contains("Exif in JPEG") || $0.0.contains("Exif in WebP") })
    func kept(name: String, file: [UInt8]) throws {
        let changed = try #require(try PlacedFiles.without(file))
        #expect(contains(changed, Array("Canon".utf8)) && contains(changed, Array("A lens".utf8)))
    }

    @Test("an XMP packet stays well-formed and keeps its other properties")
    func packet() throws {
        let file = PlacedFiles.webP(("VP8 ", [1]), ("XMP ", PlacedFiles.packet))
        let text = String(decoding: try #require(try PlacedFiles.without(file)), as: UTF8.self)
        for kept in ["xmp:Rating=\"3\"", "dc:a='b'", "crs:lateral=\"5\"", "No GPS here, and no GPS=\"kept\" there", "</rdf:Description></rdf:RDF></x:xmpmeta>"] {
            #expect(text.contains(kept) == !kept.contains("kept"), "\(kept)")
        }
        #expect(!text.contains("GPSLatitude") && !text.contains("GpsLongitude") && !text.contains("GPSMapDatum"))
    }

    @Test("a GIF with packets still ends where it did, with its picture")
    func gif() throws {
        let changed = try #require(try PlacedFiles.without(PlacedFiles.gif(PlacedFiles.gifPacket, PlacedFiles.gifPacket, trailer: [9])))
        #expect(changed.suffix(23) == PlacedFiles.gif().suffix(22) + [0])
        #expect(contains(changed, PlacedFiles.gifTrailer + [0x21]))
    }

    @Test("PNG's checksums are right again", arguments: PlacedFiles.all.filter { $0.0.contains("PNG") })
    func checksums(name: String, file: [UInt8]) throws {
        let changed = try #require(try PlacedFiles.without(file))
        var offset = 8
        while offset + 12 <= changed.count {
            let length = changed[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard offset + 12 + length <= changed.count else { break }
            let sum = PlacedFiles.checksum(Array(changed[(offset + 4)..<(offset + 8 + length)]))
            #expect(Array(changed[(offset + 8 + length)..<(offset + 12 + length)]) == PlacedFiles.big(Int(sum), 4))
            offset += 12 + length
            if String(decoding: changed[(offset - 8)..<(offset - 4)], as: UTF8.self) == "IEND" { break }
        }
    }

    @Test("a file without a place stays as it is", arguments: [
        PlacedFiles.jpeg(PlacedFiles.segment(0xFE, Array("A comment".utf8))), PlacedFiles.png(), PlacedFiles.webP(("VP8 ", [1, 2])),
        PlacedFiles.webP(("ANMF", [UInt8](repeating: 5, count: 16) + PlacedFiles.webP(("ALPH", [1]), ("VP8 ", [2, 2])).dropFirst(12))),
        PlacedFiles.gif(), PlacedFiles.gif([0x21, 0xFE, 5] + Array("Hello".utf8) + [0]),
    ])
    func untouched(file: [UInt8]) throws { #expect(try PlacedFiles.outcome(file) == .patches([])) }

    @Test("what else Photoshop's resources and the data sets say stays, and so does padding")
    func resources() throws {
        let headline: [UInt8] = [0x1C, 2, 105, 0, 2, 72, 105]
        let file = PlacedFiles.jpeg(PlacedFiles.app13(
            PlacedFiles.resource("8BIM", 0x03ED, [1, 2, 3]), PlacedFiles.resource("AgHg", 7, [4]),
            PlacedFiles.resource("8BIM", 0x0404, headline + [0]), [0, 0, 0]))
        #expect(try PlacedFiles.outcome(file) == .patches([]))
    }

    @Test("what cannot be looked through is impossible", arguments: [
        [], Array("This is a letter.".utf8), Array("IIU\0\u{8}\0\0\0".utf8), Array("FUJIFILMCCD-RAW ".utf8),
        PlacedFiles.box("ftyp", Array("qt  \0\0\0\0".utf8)), Array("II+\0\u{8}\0\0\0".utf8),
    ] as [[UInt8]])
    func impossible(file: [UInt8]) throws { #expect(try PlacedFiles.outcome(file) == .impossible) }

    @Test("changed and cut files are no crash, and keep their length", arguments: PlacedFiles.all)
    func fuzz(name: String, file: [UInt8]) throws { try PlacedFiles.expectLength(ofChanged: file) }

    @Test("a segment that ends within the name of what it holds is no crash", arguments: [
        (0xE1, "Exif\0\0"), (0xE1, "http://ns.adobe.com/xap/1.0/\0"), (0xED, "Photoshop 3.0\0"),
    ] as [(UInt8, String)])
    func shortSegment(marker: UInt8, name: String) throws {
        for length in 2...name.utf8.count + 2 {
            let file: [UInt8] = [0xFF, 0xD8, 0xFF, marker, 0, UInt8(length)] + Array(name.utf8) + [0xFF, 0xD9]
            #expect(try PlacedFiles.without(file).map { $0.count == file.count } ?? true)
        }
    }

    @Test("a directory that leads back to itself ends")
    func cycle() throws {
        var file = PlacedFiles.exif()
        // The offset of the next directory, behind the three entries of the first.
        file.replaceSubrange(8 + 2 + 36..<8 + 2 + 40, with: PlacedFiles.big(8, 4))
        #expect(try PlacedFiles.without(file) != nil)
    }

    @Test("of patches that overlap, the later counts, in any part")
    func overlapping() {
        for _ in 0..<200 {
            let patches = (0..<Int.random(in: 0...12)).map { _ in
                let count = Int.random(in: 0...9)
                let content: BytePatch.Content = Bool.random()
                    ? .fill(.random(in: 1...3), count: UInt64(count)) : .bytes((0..<count).map { _ in .random(in: 4...9) })
                return BytePatch(offset: .random(in: 0...30), content: content)
            }
            var expected = [UInt8](repeating: 0, count: 40)
            for patch in patches {
                for index in 0..<Int(patch.count) {
                    if case .bytes(let bytes) = patch.content { expected[Int(patch.offset) + index] = bytes[index] }
                    if case .fill(let byte, _) = patch.content { expected[Int(patch.offset) + index] = byte }
                }
            }
            let start = Int.random(in: 0...40)
            var part = [UInt8](repeating: 0, count: Int.random(in: 0...(40 - start)))
            BytePatch.apply(patches, to: &part, at: UInt64(start))
            #expect(part == Array(expected[start..<(start + part.count)]), "\(patches)")
            let range = UInt64(start)..<UInt64(start + part.count)
            #expect(BytePatches(patches).isEmpty(in: range) == part.allSatisfy { $0 == 0 })
        }
    }

    @Test("however many cover the same bytes, each byte is written once")
    func covered() {
        let patches = BytePatches((0..<49_999).map { BytePatch(offset: UInt64($0 % 7), content: .fill(UInt8($0 % 3), count: 1 << 30)) })
        #expect(patches.footprint < 1000)
        var part = [UInt8](repeating: 9, count: 1 << 18)
        part.withUnsafeMutableBytes { part in for _ in 0..<100 { patches.apply(to: part, at: 1000) } }
        #expect(part.allSatisfy { $0 == UInt8(49_998 % 3) })
    }

    @Test("a part of a file is changed as the whole is", arguments: 0..<40)
    func parts(start: Int) throws {
        let patches = [
            BytePatch(offset: 5, content: .bytes([1, 2, 3, 4])), BytePatch(offset: 8, content: .fill(9, count: 10)),
            BytePatch(offset: 30, content: .bytes([])),
        ]
        let file = [UInt8](repeating: 0, count: 40)
        var whole = file
        BytePatch.apply(patches, to: &whole, at: 0)
        #expect(Array(whole[4..<20]) == [0, 1, 2, 3] + [UInt8](repeating: 9, count: 10) + [0, 0])
        for end in start...40 {
            var part = Array(file[start..<end])
            BytePatch.apply(patches, to: &part, at: UInt64(start))
            #expect(part == Array(whole[start..<end]))
        }
    }
}
