import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What guests fetch.
    @Suite struct MediaTests {
        /// A session with one ready photo, and a guest in it.
        private struct Gallery {
            var shoot: Shoot
            var guest: API
            var photo: JSONValue
            /// The plain path of a rendition.
            var path: String
            var grant: String
            var body: Data

            static func open() async throws -> Gallery {
                let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
                let id = try await shoot.upload(try Fixtures.data("gps.jpg"), as: "Dunes é.jpg")
                _ = try await shoot.settled(id)
                let guest = try await shoot.guest()
                let photo = try await guest.json(.GET, "/api/photos/\(id)")
                let medium = photo["renditions"]?.elements.first { $0["name"] == "medium" && $0["format"] == "jpeg" }
                let url = try #require(medium?["url"]?.stringValue)
                let parts = url.components(separatedBy: "?grant=")
                let body = try await guest.with(nil).get(url).body
                return Gallery(
                    shoot: shoot, guest: guest, photo: photo, path: parts[0], grant: parts.last ?? "", body: body)
            }

            var anonymous: API { guest.with(nil) }
            var url: String { "\(path)?grant=\(grant)" }
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `ranges, validators and HEAD are as RFC 9110 says`() async throws {
            let gallery = try await Gallery.open()
            let (api, url, body) = (gallery.anonymous, gallery.url, gallery.body)
            let whole = try await api.get(url)
            #expect(whole.status == 200)
            #expect(whole["Accept-Ranges"] == "bytes")
            let etag = try #require(whole["ETag"])

            let ranges: [(String, Range<Int>)] = [
                ("bytes=0-1", 0..<2), ("bytes=100-199", 100..<200), ("bytes=-10", body.count - 10..<body.count),
                ("bytes=\(body.count - 5)-", body.count - 5..<body.count), ("bytes=0-999999999", 0..<body.count),
            ]
            for (range, expected) in ranges {
                let answer = try await api.get(url, [("Range", range)])
                #expect(answer.status == 206, "\(range)")
                #expect(answer.body == body[expected], "\(range)")
                #expect(answer["Content-Range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/\(body.count)")
            }
            let past = try await api.get(url, [("Range", "bytes=\(body.count)-")])
            #expect(past.status == 416)
            #expect(past["Content-Range"] == "bytes */\(body.count)")

            let known = try await api.get(url, [("If-None-Match", etag)])
            #expect(known.status == 304)
            #expect(known.body.isEmpty)
            #expect(known["ETag"] == etag)
            let changed = try await api.get(url, [("Range", "bytes=0-1"), ("If-Range", "\"another\"")])
            #expect(changed.status == 200)
            let same = try await api.get(url, [("Range", "bytes=0-1"), ("If-Range", etag)])
            #expect(same.status == 206)

            let head = try await api.send(.HEAD, url)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            for name in ["Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Cache-Control", "Last-Modified"] {
                #expect(head[name] == whole[name], "\(name)")
            }
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `nobody gets a file without a grant for its session`() async throws {
            let gallery = try await Gallery.open()
            #expect(try await gallery.anonymous.get(gallery.path).status == 401)
            #expect(try await gallery.anonymous.get("\(gallery.path)?grant=lg1.forged.token").status == 401)
            // What there is and what there is not looks the same to a stranger.
            let missing = gallery.path.replacing(try gallery.photo.text("id"), with: UUID().uuidString.lowercased())
            #expect(try await gallery.anonymous.get(missing).status == 401)
            // A grant that does not hold takes nothing from somebody who signed in.
            #expect(try await gallery.shoot.owner.get("\(gallery.path)?grant=lg1.forged.token").status == 200)

            let other = try await Shoot.begin(gallery.shoot.owner)
            let stranger = try #require(try await other.guest().token)
            #expect(try await gallery.anonymous.get("\(gallery.path)?grant=\(stranger)").status == 404)
            #expect(try await gallery.anonymous.with(stranger).get(gallery.path).status == 404)

            // What stands in URLs is shared and logged: it opens the files and no other door.
            #expect(try await gallery.anonymous.with(gallery.grant).get("/api/photos/\(try gallery.photo.text("id"))").status == 401)

            let original = "/media/\(try gallery.photo.text("id"))/original"
            #expect(try await gallery.guest.get(original).status == 404)
            #expect(try await gallery.shoot.owner.get(original).status == 200)
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `guests fetch originals where the owner allows it`() async throws {
            let shoot = try await Shoot.begin(
                try await SharedServer.stage().ownerAPI, settings: ["guestDownloads": true, "showLocation": true])
            let data = try Fixtures.data("gps.jpg")
            let id = try await shoot.upload(data, as: "gps.jpg")
            _ = try await shoot.settled(id)
            let guest = try await shoot.guest()
            let photo = try await guest.json(.GET, "/api/photos/\(id)")
            let url = try #require(photo["original"]?["url"]?.stringValue)
            let original = try await guest.with(nil).get("\(url)&download=1")
            #expect(original.body == data)
            #expect(original["Content-Disposition"]?.hasPrefix("attachment") == true)
            #expect(abs((photo["exif"]?["latitude"]?.doubleValue ?? 0) - -22.9087) < 0.001)
            #expect(abs((photo["exif"]?["longitude"]?.doubleValue ?? 0) - -68.1997) < 0.001)
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg") && Picture.isPossible))
        func `renditions say nothing about camera and place`() async throws {
            let gallery = try await Gallery.open()
            for rendition in gallery.photo["renditions"]?.elements ?? [] {
                let bytes = try await gallery.anonymous.get(try rendition.text("url")).body
                let tags = try await Picture(bytes, extension: rendition["format"] == "webp" ? "webp" : "jpg").tags()
                #expect(!tags.isEmpty)
                let private_ = tags.filter { tag in ["GPS", "Make", "Model", "Serial", "Lens"].contains { tag.contains($0) } }
                #expect(private_.isEmpty, "\(rendition["name"]?.stringValue ?? "") \(private_)")
            }
        }
    }
}
