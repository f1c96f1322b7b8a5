import Core
import Foundation
import TestSupport
import Testing

@testable import Decoding

/// Places in films, and in words, as programs write them and exiftool reads them.
@Suite(
    "Places that exiftool finds",
    .enabled(if: Fixtures.areMade && Tool.program("exiftool") != nil, "the fixtures are not made, or exiftool is not installed"))
struct PlaceWordTests {
    private static let names = ["video.mov", "video-faststart.mp4", "video-moov-last.mp4", "video-silent.mp4", "video-rotated.mp4"]

    @Test("a film loses them all; its pictures and its sound are the same", arguments: names)
    func films(name: String) async throws {
        let folder = try TemporaryFolder()
        let film = folder.file(name)
        try FileManager.default.copyItem(atPath: Fixtures.media(name), toPath: film)
        _ = try await Tool("exiftool").output([
            "-q", "-q", "-overwrite_original", "-Keys:GPSCoordinates=48.1374, 11.5755, 519", "-UserData:GPSCoordinates=48.1374, 11.5755, 519",
            "-Keys:LocationName=Marienplatz", "-XMP-exif:GPSLatitude=48.1374", "-Keys:Make=Canon", film,
        ])
        #expect(try await MetadataTests.tags(of: film).contains { $0.contains("GPS") })
        let freed = try MetadataTests.freed(film, in: folder)
        #expect(try await MetadataTests.tags(of: freed).filter { $0.contains("GPS") || $0.contains("Location") } == [])
        #expect(try !Data(contentsOf: URL(fileURLWithPath: freed)).contains(Data("Marienplatz".utf8)))
        #expect(try await streams(film) == streams(freed))
        #expect(try await decode(freed).isDone)
    }

    @Test("a film loses what stands in its subtitles")
    func subtitles() async throws {
        let folder = try TemporaryFolder()
        let places = try folder.write(Array("1\n00:00:00,000 --> 00:00:05,000\nGPS 48.1374 11.5755\n".utf8), as: "places.srt")
        let film = folder.file("film.mp4")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-i", Fixtures.media("demo-video.mp4"), "-i", places, "-map", "0", "-map", "1",
            "-c", "copy", "-c:s", "mov_text", film,
        ])
        let secret = Data("48.1374".utf8)
        #expect(try Data(contentsOf: URL(fileURLWithPath: film)).contains(secret))
        let freed = try MetadataTests.freed(film, in: folder)
        #expect(try !Data(contentsOf: URL(fileURLWithPath: freed)).contains(secret))
        #expect(try await streams(film) == streams(freed))
    }

    @Test("a photo loses the names of places, and keeps what it is called", arguments: ["orientation-1.jpg", "photo.tiff", "photo.heic", "photo.dng"])
    func words(name: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file(name)
        try FileManager.default.copyItem(atPath: Fixtures.media(name), toPath: path)
        var options = [
            "-q", "-q", "-m", "-overwrite_original", "-XMP-photoshop:City=Marienplatz", "-XMP-iptcCore:Location=Marienplatz",
            "-XMP-iptcExt:LocationShownSublocation=Marienplatz", "-XMP-iptcExt:LocationCreatedCity=Marienplatz", "-XMP-dc:Title=Summit",
        ]
        if name != "photo.heic" { options += ["-IPTC:City=Marienplatz", "-IPTC:Sub-location=Marienplatz", "-IPTC:ObjectName=Summit"] }
        _ = try await Tool("exiftool").output(options + [path])
        let secret = Data("Marienplatz".utf8)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).contains(secret))
        let freed = try MetadataTests.freed(path, in: folder)
        #expect(try !Data(contentsOf: URL(fileURLWithPath: freed)).contains(secret))
        #expect(try await MetadataTests.tags(of: freed).contains("Title"))
    }

    /// What ffmpeg finds of pictures and sound, without decoding.
    private func streams(_ film: String) async throws -> String {
        try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-i", film, "-map", "0:v", "-map", "0:a?", "-c", "copy", "-f", "streamhash", "-",
        ])
    }
}
