import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What guests take home.
    @Suite struct DownloadTests {
        /// A session whose guests may download originals.
        private static func shoot(showsPlace: Bool) async throws -> Shoot {
            let settings: JSONValue = ["guestDownloads": true, "showLocation": .bool(showsPlace)]
            return try await Shoot.begin(try await SharedServer.stage().ownerAPI, settings: settings)
        }

        private static func original(_ name: String, _ shoot: Shoot, _ guest: API) async throws -> (id: String, url: String) {
            let id = try await shoot.upload(try Fixtures.data(name), as: name)
            _ = try await shoot.settled(id)
            return (id, try #require(try await guest.json(.GET, "/api/photos/\(id)")["original"]?["url"]?.stringValue))
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg") && Picture.isPossible))
        func `an original comes without its place where the session hides it, byte for byte otherwise`() async throws {
            let data = try Fixtures.data("gps.jpg")
            let shoot = try await Self.shoot(showsPlace: false)
            let guest = try await shoot.guest()
            let (id, url) = try await Self.original("gps.jpg", shoot, guest)
            let found = try await guest.with(nil).get(url)
            #expect(found.status == 200 && found.body.count == data.count && found.body != data)
            #expect(found["Cache-Control"] == "private, no-cache")
            let tags = try await Picture(found.body, extension: "jpg").tags()
            #expect(!tags.contains { $0.contains("GPS") } && tags.contains { $0.contains("Make") }, "\(tags)")

            // In pieces it is the same, and its validators are not the original's.
            let half = data.count / 2
            let first = try await guest.with(nil).get(url, [("Range", "bytes=0-\(half - 1)")])
            let second = try await guest.with(nil).get(url, [("Range", "bytes=\(half)-"), ("If-Range", first["ETag"] ?? "")])
            #expect(first.status == 206 && second.status == 206 && first.body + second.body == found.body)
            let owners = try await shoot.owner.get("/media/\(id)/original")
            #expect(owners.body == data && owners["ETag"] != found["ETag"])

            // Shown from now on: whoever goes on with the other file begins anew.
            try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["settings": ["showLocation": true]])
            let resumed = try await eventually("the session to show its place") {
                let answer = try await guest.with(nil).get(url, [("Range", "bytes=\(half)-"), ("If-Range", first["ETag"] ?? "")])
                return answer.status == 200 ? answer : nil
            }
            #expect(resumed.body == data)
        }

        @Test(.enabled(if: Fixtures.has("video.webm")))
        func `an original that cannot be looked through is withheld, its stream is not`() async throws {
            let shoot = try await Self.shoot(showsPlace: false)
            let guest = try await shoot.guest()
            let (id, url) = try await Self.original("video.webm", shoot, guest)
            let refused = try await guest.with(nil).get(url)
            #expect(refused.status == 403 && refused.code == "original_withheld")
            #expect(try await shoot.owner.get("/media/\(id)/original").status == 200)
            let film = try await guest.json(.GET, "/api/photos/\(id)")
            let stream = try #require(film["renditions"]?.elements.first { $0["name"] == "stream" })
            #expect(try await guest.with(nil).get(try stream.text("url"), [("Range", "bytes=0-99")]).status == 206)
        }

        @Test(.enabled(if: Fixtures.has("demo-01.jpg")))
        func `an AVIF file is the WebP until it has been made, and then for good`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(try Fixtures.data("demo-01.jpg"), as: "demo.jpg")
            _ = try await shoot.settled(id)
            let guest = try await shoot.guest()
            let photo = try await guest.json(.GET, "/api/photos/\(id)")
            let webp = try #require(photo["renditions"]?.elements.first { $0["name"] == "small" && $0["format"] == "webp" })
            let url = try webp.text("url").replacing(".webp", with: ".avif")
            // Whoever may not see the photo makes nobody work.
            #expect(try await guest.with(nil).get(String(url.prefix { $0 != "?" })).status == 401)
            let first = try await guest.with(nil).get(url)
            #expect(first.status == 200 && first["Content-Type"] == "image/webp" && first["Cache-Control"] == "private, no-cache")
            #expect(first.body == (try await guest.with(nil).get(try webp.text("url"))).body)
            let made = try await eventually("the AVIF file", within: .seconds(60), every: .milliseconds(300)) {
                let answer = try await guest.with(nil).get(url)
                return answer["Content-Type"] == "image/avif" ? answer : nil
            }
            #expect(made["Cache-Control"]?.contains("immutable") == true && made.body.dropFirst(4).starts(with: Data("ftypavif".utf8)))
            let renditions = try await guest.json(.GET, "/api/photos/\(id)")["renditions"]?.elements ?? []
            #expect(renditions.count { $0["format"] == "avif" } == 4 && renditions.count == 12)
        }
    }
}
