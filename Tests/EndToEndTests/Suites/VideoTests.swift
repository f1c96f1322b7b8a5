import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct VideoTests {
        @Test(
            .enabled(if: Fixtures.has("demo-video.mp4", "video-moov-last.mp4")),
            arguments: ["demo-video.mp4", "video-moov-last.mp4"])
        func `a video is probed, has a poster and plays from its first bytes`(name: String) async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let data = try Fixtures.data(name)
            let video = try await shoot.settled(try await shoot.upload(data, as: name, type: "video/mp4"))
            #expect(video["status"] == "ready")
            #expect(video["kind"] == "video")
            #expect([video.integer("width"), video.integer("height")] == [1280, 720])
            let facts = try #require(video["video"])
            #expect(facts["videoCodec"] == "h264")
            #expect(facts["audioCodec"] == "aac")
            let duration = name == "demo-video.mp4" ? 8000 : 6000
            #expect(abs((facts.integer("duration") ?? 0) - duration) < 200)

            let poster = try rendition("poster", of: video)
            let picture = try await shoot.owner.with(nil).get(try poster.text("url"))
            #expect(picture.status == 200)
            #expect(picture["Content-Type"]?.hasPrefix("image/") == true)
            let stream = try rendition("stream", of: video)
            #expect(stream["contentType"] == "video/mp4")
            let url = shoot.owner.base + (try stream.text("url"))
            try await expectRanges(url, shoot.owner.with(nil))
            try await expectPlayable(url, seconds: Double(duration) / 1000)
        }

        private func rendition(_ name: String, of video: JSONValue) throws -> JSONValue {
            try #require(video["renditions"]?.elements.first { $0["name"]?.stringValue == name })
        }

        private func expectRanges(_ url: String, _ api: API) async throws {
            let whole = try await api.get(url).body
            // The index is in front, so that a player starts at once.
            let index = try #require(whole.range(of: Data("moov".utf8)))
            let media = try #require(whole.range(of: Data("mdat".utf8)))
            #expect(index.lowerBound < media.lowerBound)
            guard Tool.program("curl") != nil else { return }
            let folder = try TemporaryFolder("range")
            let middle = whole.count / 2
            let status = try await Tool("curl").output([
                "-s", "--range", "\(middle)-", "-o", folder.file("part"), "-w", "%{http_code}", url,
            ])
            #expect(status == "206")
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("part"))) == whole[middle...])
        }

        private func expectPlayable(_ url: String, seconds: Double) async throws {
            guard Tool.program("ffprobe") != nil else { return }
            let probed = try await Tool("ffprobe").json([
                "-v", "error", "-show_format", "-show_streams", "-print_format", "json", url,
            ])
            let streams = probed["streams"]?.elements.compactMap { $0["codec_name"]?.stringValue } ?? []
            #expect(Set(streams) == ["h264", "aac"])
            let duration = probed["format"]?["duration"]?.stringValue.flatMap(Double.init) ?? 0
            #expect(abs(duration - seconds) < 0.3)
        }

        @Test(.enabled(if: Fixtures.has("video-moov-last.mp4") && Tool.program("ffprobe") != nil))
        func `a guest's player follows the playlists with the grant that they carry`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(try Fixtures.data("video-moov-last.mp4"), as: "dance.mp4", type: "video/mp4")
            _ = try await shoot.settled(id)
            let guest = try await shoot.guest()
            let url = try rendition("hls", of: try await guest.json(.GET, "/api/photos/\(id)")).text("url")
            let probed = try await Tool("ffprobe").json([
                "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-print_format", "json",
                guest.base + url,
            ])
            let streams = probed["streams"]?.elements ?? []
            #expect(Set(streams.compactMap { $0["codec_name"]?.stringValue }) == ["h264", "aac"])
            #expect(streams.first { $0["codec_name"] == "h264" }?["nb_read_frames"] == "150")
        }

        @Test(.enabled(if: Fixtures.has("video-rotated.mp4")))
        func `a video filmed upright is shown upright`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let video = try await shoot.settled(
                try await shoot.upload(try Fixtures.data("video-rotated.mp4"), as: "upright.mp4", type: "video/mp4"))
            #expect(video["status"] == "ready")
            #expect([video.integer("width"), video.integer("height")] == [720, 1280])
            let poster = try rendition("poster", of: video)
            #expect((poster.integer("height") ?? 0) > (poster.integer("width") ?? 0))
        }
    }
}
