import Core
import Foundation
import Testing

/// Films made of boxes: a track of pictures, one of sound, one of places, and places wherever else they are found.
private enum PlacedFilms {
    typealias Files = PlacedFiles
    static let mark = Files.mark

    static func table(_ kind: String, _ head: [UInt8], _ entries: [[UInt8]]) -> [UInt8] {
        Files.box(kind, [0, 0, 0, 0] + head + Files.big(entries.count, 4) + entries.flatMap { $0 })
    }

    /// - Parameters:
    ///   - chunks: where each begins, and how long its samples are.
    ///   - isFixed: leaves out how long, as sound in units of fixed length does.
    static func track(
        _ handler: String, _ chunks: [(Int, [Int])], isFixed: Bool = false, isCompact: Bool = false, isLong: Bool = false,
        more: [UInt8] = []
    ) -> [UInt8] {
        let runs = chunks.enumerated().map { Files.big($0 + 1, 4) + Files.big($1.1.count, 4) + Files.big(1, 4) }
        let samples = chunks.flatMap(\.1)
        let sizes: [UInt8]
        if isFixed {
            sizes = Files.box("stsz", [0, 0, 0, 0] + Files.big(1, 4) + Files.big(samples.count, 4))
        } else if isCompact {
            sizes = table("stz2", [0, 0, 0, 16], samples.map { Files.big($0, 2) })
        } else {
            sizes = table("stsz", [0, 0, 0, 0], samples.map { Files.big($0, 4) })
        }
        let offsets = table(isLong ? "co64" : "stco", [], chunks.map { Files.big($0.0, isLong ? 8 : 4) })
        let list = Files.box("stbl", table("stsd", [], [Files.box("avc1", [1])]) + table("stsc", [], runs) + sizes + offsets)
        let data = Files.box("minf", Files.box("vmhd", [0]) + Files.box("hdlr", Array("12345678alis".utf8)) + list)
        let media = Files.box("mdia", data + Files.box("hdlr", [UInt8](repeating: 0, count: 8) + Array("\(handler)name".utf8)))
        return Files.box("trak", Files.box("tkhd", [7]) + media + more)
    }

    static let pictures = [Array("PICTURE-1".utf8), Array("PICTURE-2+3".utf8)]
    static let sound = Array("SOUND".utf8)

    /// Pictures, places, sound, something that nobody refers to, pictures.
    static func film(
        isFixed: Bool = false, isCompact: Bool = false, isLong: Bool = false, handler: String = "meta", more: [[UInt8]] = [],
        inTrack: [UInt8] = [], inIndex: [UInt8] = [], handlers: [String] = ["vide", "soun"]
    ) -> [UInt8] {
        let head = Files.box("ftyp", Array("isom".utf8) + [0, 0, 0, 0] + Array("iso2".utf8))
        let parts = [pictures[0], mark, sound, isFixed ? [] : mark, pictures[1]]
        var offsets: [Int] = []
        var offset = head.count + 8
        for part in parts {
            offsets.append(offset)
            offset += part.count
        }
        let tracks = [
            track(handlers[0], [(offsets[0], [9]), (offsets[4], [9, 2])], isCompact: isCompact, isLong: isLong, more: inTrack),
            track(handlers[1], [(offsets[2], isFixed ? [1, 1] : [2, 3])], isFixed: isFixed),
            track(handler, [(offsets[1], [mark.count])]),
        ]
        let index = Files.box("moov", Files.box("mvhd", [7]) + tracks.flatMap { $0 } + inIndex)
        return head + Files.box("mdat", parts.flatMap { $0 }) + index + more.flatMap { $0 }
    }

    static let all: [(String, [UInt8])] = [
        ("a track of places, and what nobody refers to", film()), ("long offsets", film(isLong: true)),
        ("compact lengths", film(isCompact: true)), ("sound of fixed length", film(isFixed: true)),
        ("subtitles", film(handler: "sbtl")), ("user data", film(inIndex: Files.box("udta", Files.box("\u{A9}xyz", mark)))),
        ("user data of a track", film(inTrack: Files.box("udta", Files.box("loci", mark)))),
        ("Apple's metadata", film(inIndex: Files.box("meta", Files.box("ilst", mark)))),
        ("a packet", film(more: [Files.box("uuid", mark)])), ("padding", film(more: [Files.box("free", mark), Files.box("skip", mark)])),
        ("fragments of pictures and sound", film(handler: "soun", more: [fragment, Files.box("emsg", mark)]).withoutMarksInMedia),
    ]

    static let fragment = Files.box("moof", Files.box("mfhd", [0]) + Files.box("traf", Files.box("tfhd", [0]) + Files.box("uuid", mark)))
}

extension [UInt8] {
    /// With the mark gone from where fragments are not looked for it.
    fileprivate var withoutMarksInMedia: [UInt8] {
        var data = Data(self)
        for _ in 0..<2 { data.replaceSubrange(data.range(of: Data(PlacedFiles.mark))!, with: Data(repeating: 1, count: PlacedFiles.mark.count)) }
        return Array(data)
    }
}

@Suite("Removal of places from films") struct FilmPlaceTests {
    private func contains(_ file: [UInt8], _ word: [UInt8]) -> Bool { Data(file).range(of: Data(word)) != nil }

    @Test("places go wherever they are, pictures, sound and the length stay", arguments: PlacedFilms.all)
    func removed(name: String, film: [UInt8]) throws {
        #expect(contains(film, PlacedFiles.mark))
        let changed = try #require(try PlacedFiles.without(film))
        #expect(changed.count == film.count && !contains(changed, PlacedFiles.mark))
        for kept in PlacedFilms.pictures + [PlacedFilms.sound] { #expect(contains(changed, kept)) }
        #expect(try PlacedFiles.without(changed) == changed)
    }

    @Test("what cannot be told apart is impossible", arguments: [
        // Fragments with a track of places; no index; one that is compressed; tables that are cut, or begin too late.
        PlacedFilms.film(more: [PlacedFilms.fragment]), PlacedFiles.box("ftyp", Array("isom\0\0\0\0".utf8)) + PlacedFiles.box("mdat", PlacedFilms.mark),
        PlacedFilms.film(inIndex: PlacedFiles.box("cmov", [1])), PlacedFilms.film(more: [[0, 0, 0, 4, 1, 1, 1, 1]]),
        Array(PlacedFilms.film().dropLast(PlacedFilms.track("meta", [(0, [1])]).count + 20)),
    ])
    func impossible(film: [UInt8]) throws { #expect(try PlacedFiles.outcome(film) == .impossible) }

    @Test("changed and cut films are no crash, and keep their length", arguments: PlacedFilms.all)
    func fuzz(name: String, film: [UInt8]) throws { try PlacedFiles.expectLength(ofChanged: film) }
}
