import Core
import Foundation
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Delivery

/// Playlists and tracks, whose URLs have to open for those who came by a grant.
@Suite("Documents of films")
struct GrantedDocumentTests {
    private static let playlist = SegmentPlaylist(
        file: "segments-0123456789ab.mp4", initialization: 10, segments: [.init(duration: 6000, length: 20)])

    private static let film = OriginalID(at: TestFile.modified)

    private static func path(_ name: RenditionName, _ format: MediaFormat) -> MediaPath {
        .rendition(film, name, recipe: "0123456789ab", format)
    }

    private static func withPlaylist(
        _ text: String = playlist.text(), _ format: MediaFormat = .m3u8,
        _ body: @escaping @Sendable (MediaBench, TestFile) async throws -> Void
    ) async throws {
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let file = try await bench.add(
                    Data(text.utf8), contentType: format.contentType, filename: "film.\(format.fileExtension)", at: path(.segments, format))
                try await body(bench, file)
            }
        }
    }

    @Test("who came with a grant gets it with every URL, and can go on with each")
    func granted() async throws {
        try await Self.withPlaylist { bench, file in
            let segments = try await bench.add(
                Data(repeating: 7, count: 30), contentType: "video/mp4", filename: "film.mp4", at: Self.path(.segments, .mp4))
            let answer = try await bench.get(file)
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/vnd.apple.mpegurl")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text == Self.playlist.text(query: "?grant=\(TestGrants.token)"))
            #expect(answer.headers["content-length"] == "\(answer.body.count)")
            let link = try #require(text.split(separator: "\n").first { !$0.hasPrefix("#") })
            let base = bench.url(file).prefix { $0 != "?" }.split(separator: "/").dropLast().joined(separator: "/")
            let url = base.replacing("http:/", with: "http://") + "/\(link)"
            let part = try await MediaAnswer.of(url, headers: ["Range": "bytes=10-29"])
            #expect(part.status == 206 && part.body == segments.bytes[10..<30])
        }
    }

    @Test("who signs each request gets what is stored")
    func bearer() async throws {
        try await Self.withPlaylist { bench, file in
            let url = bench.url(file).prefix { $0 != "?" }
            let answer = try await MediaAnswer.of(String(url), headers: ["Authorization": "Bearer x"])
            #expect(answer.body == file.bytes && answer.headers["etag"] == file.etag)
            #expect(try await MediaAnswer.of(String(url), headers: [:]).status == 401)
        }
    }

    @Test("what was added changes tag and length, and conditionals and ranges count for it")
    func conditionals() async throws {
        try await Self.withPlaylist { bench, file in
            let answer = try await bench.get(file)
            let tag = try #require(answer.headers["etag"])
            #expect(tag != file.etag)
            #expect(try await bench.get(file, ["If-None-Match": tag]).status == 304)
            #expect(try await bench.get(file, ["If-None-Match": file.etag]).status == 200)
            let head = try await bench.head(file)
            #expect(head.headers["content-length"] == "\(answer.body.count)" && head.headers["etag"] == tag)
            let part = try await bench.get(file, ["Range": "bytes=5-9"])
            #expect(part.status == 206 && part.body == answer.body[5..<10])
        }
    }

    @Test("the track of the small stills is one, too")
    func track() async throws {
        let track = SpriteTrack(file: "sprite-0123456789ab.jpg", duration: 5500, interval: 1000, tileWidth: 160, tileHeight: 90)
        try await TestStores.withDisk { store in
            try await withMedia(on: store) { bench in
                let file = try await bench.add(
                    Data(track.text().utf8), contentType: "text/vtt", filename: "film.vtt", at: Self.path(.sprite, .vtt))
                let answer = try await bench.get(file)
                #expect(answer.status == 200 && answer.headers["content-type"] == "text/vtt")
                #expect(String(decoding: answer.body, as: UTF8.self) == track.text(query: "?grant=\(TestGrants.token)"))
                #expect(answer.headers["cache-control"] == "private, max-age=31536000, immutable" && answer.headers["accept-ranges"] == "bytes")
                let tag = try #require(answer.headers["etag"])
                let part = try await bench.get(file, ["Range": "bytes=-20", "If-Range": tag])
                #expect(part.status == 206 && part.body == answer.body.suffix(20))
                #expect(try await bench.get(file, ["Range": "bytes=\(answer.body.count)-"]).status == 416)
                #expect(try await bench.get(file, ["If-None-Match": "W/\(tag)"]).status == 304)
                let several = try await bench.get(file, ["Range": "bytes=0-5, -6"])
                #expect(several.parts?.map(\.body) == [answer.body.prefix(6), answer.body.suffix(6)])
            }
        }
    }

    @Test("a grant cannot add lines or attributes")
    func injection() throws {
        let file = TestFile(Data(Self.playlist.text().utf8), contentType: "", filename: "", at: Self.path(.segments, .m3u8))
        let document = try #require(GrantedDocument(
            ByteBuffer(bytes: file.bytes), at: file.path, file.media, grant: "a\"\n#EXT-X-KEY&b=ü"))
        let text = String(buffer: document.bytes)
        #expect(text == Self.playlist.text(query: "?grant=a%22%0A%23EXT-X-KEY%26b%3D%C3%BC"))
        #expect(document.file.size == Int64(text.utf8.count))
    }

    @Test("what is no document of Lumiere's is passed on as it is", arguments: ["#EXTM3U\nhttps://example.org/\n", ""])
    func foreign(text: String) async throws {
        try await Self.withPlaylist(text) { bench, file in
            let answer = try await bench.get(file)
            #expect(answer.body == file.bytes)
        }
    }
}
