import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Everything at once.
    @Suite(.enabled(if: Tool.program("unzip") != nil && Fixtures.has("gps.jpg") && Fixtures.has("demo-01.jpg")))
    struct ArchiveTests {
        /// Has unzip look through an archive.
        private static func unpacked(_ archive: Data, in folder: TemporaryFolder) async throws -> [String: Data] {
            let (path, out) = (folder.file("\(UUID()).zip"), folder.file("\(UUID())"))
            try archive.write(to: URL(fileURLWithPath: path))
            _ = try await Tool("unzip").output(["-q", path, "-d", out])
            let names = try FileManager.default.contentsOfDirectory(atPath: out)
            return try Dictionary(uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(out)/\($0)"))) })
        }

        @Test func `an archive holds for each reader what they may have, and goes on where it broke off`() async throws {
            let folder = try TemporaryFolder("archive")
            let files = try ["gps.jpg", "demo-01.jpg"].map { try Fixtures.data($0) }
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, settings: ["guestDownloads": true])
            var ids: [String] = []
            for file in files {
                ids.append(try await shoot.upload(file, as: "IMG.JPG"))
                _ = try await shoot.settled(ids[ids.count - 1])
            }
            let path = "/api/sessions/\(shoot.id)/archive"
            let owners = try await Self.unpacked(try await shoot.owner.get(path).body, in: folder)
            #expect(owners == ["IMG.JPG": files[0], "IMG (2).JPG": files[1]])

            // Guests get what the session does not hide, the same as one by one.
            let guest = try await shoot.guest()
            let whole = try await eventually("the archive to be prepared") {
                let answer = try await guest.get(path)
                return answer.status == 200 ? answer : nil
            }
            let guests = try await Self.unpacked(whole.body, in: folder)
            let url = try #require(try await guest.json(.GET, "/api/photos/\(ids[0])")["original"]?["url"]?.stringValue)
            #expect(guests["IMG.JPG"] == (try await guest.with(nil).get(url).body) && guests["IMG.JPG"] != files[0])
            #expect(guests["IMG (2).JPG"]?.count == files[1].count)

            // What comes meanwhile changes nothing of what was begun.
            let third = try await shoot.upload(try Fixtures.data("gps.jpg") + Data([0]), as: "late.jpg")
            _ = try await shoot.settled(third)
            let half = whole.body.count / 2
            let rest = try await guest.get(path, [("Range", "bytes=\(half)-"), ("If-Range", whole["ETag"] ?? "")])
            #expect(rest.status == 206 && whole.body.prefix(half) + rest.body == whole.body)

            // A choice of them has a URL that needs nothing else; of what can be seen there are pictures of pictures.
            let chosen = try await guest.json(
                .POST, "/api/sessions/\(shoot.id)/archives", ["photos": [.string(ids[1])], "files": "renditions"], expecting: 201)
            let seen = try await Self.unpacked(try await guest.with(nil).get(try chosen.text("url")).body, in: folder)
            #expect(Array(seen.keys) == ["IMG.jpg"] && seen["IMG.jpg"]?.starts(with: [0xFF, 0xD8]) == true && seen["IMG.jpg"] != files[1])

            #expect(try await guest.with(nil).get(path).status == 401)
            let other = try await Shoot.begin(shoot.owner)
            #expect(try await other.guest().get(path).status == 404)
        }

        @Test func `guests who may only look get the pictures they see`() async throws {
            let folder = try TemporaryFolder("archive")
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(try Fixtures.data("demo-01.jpg"), as: "demo.jpeg")
            _ = try await shoot.settled(id)
            let guest = try await shoot.guest()
            let files = try await Self.unpacked(try await guest.get("/api/sessions/\(shoot.id)/archive").body, in: folder)
            let renditions = try await guest.json(.GET, "/api/photos/\(id)")["renditions"]?.elements ?? []
            let large = try #require(renditions.first { $0["name"] == "large" && $0["format"] == "jpeg" })
            #expect(files == ["demo.jpg": try await guest.with(nil).get(try large.text("url")).body])
            #expect(try await guest.get("/api/sessions/\(shoot.id)/archive?files=originals").code == "original_withheld")
        }
    }
}
