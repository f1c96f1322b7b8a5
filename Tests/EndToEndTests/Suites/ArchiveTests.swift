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

        /// What ends an archive that is being sent.
        enum Ending: String, Sendable, CaseIterable {
            case code, place

            func bring(_ shoot: Shoot) async throws {
                let change: JSONValue =
                    switch self {
                    case .code: ["accessCode": .string(String(UUID().uuidString.prefix(12)))]
                    case .place: ["settings": ["showLocation": false]]
                    }
                try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", change)
            }
        }

        @Test(.enabled(if: Tool.program("curl") != nil && Fixtures.has("large-24mp.jpg")), arguments: Ending.allCases)
        func `an archive ends while it is being sent when its reader is shown out, or the place is hidden`(_ ending: Ending) async throws {
            let folder = try TemporaryFolder("archive")
            let settings: JSONValue = ["guestDownloads": true, "showLocation": true]
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, settings: settings)
            let file = try Fixtures.data("large-24mp.jpg")
            for number in 0..<4 { _ = try await shoot.upload(Fixtures.variant(of: file, number), as: "\(number).jpg") }
            let guest = try await shoot.guest()
            try await eventually("the photos") { try await guest.all("/api/photos?session=\(shoot.id)").count == 4 ? () : nil }
            let path = folder.file("a.zip")
            let curl = try Child(
                try Tool("curl").path,
                [
                    "-fsS", "--limit-rate", "4M", "-H", "Authorization: Bearer \(guest.token ?? "")", "-o", path,
                    "\(guest.base)/api/sessions/\(shoot.id)/archive",
                ], output: folder.file("out"), errors: folder.file("err"))
            let bytes = { ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? 0 }
            try await eventually("the first bytes") { bytes() > 1 << 20 ? () : nil }
            try await ending.bring(shoot)
            // 18: less than was announced.
            #expect(try await curl.ended(within: .seconds(60)) == .exited(18))
            #expect(bytes() < 4 * file.count)
        }

        @Test func `of a file that is lost an archive says so, and is whole`() async throws {
            let folder = try TemporaryFolder("archive")
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            var ids: [String] = []
            for (name, file) in [("a.jpg", "gps.jpg"), ("b.jpg", "demo-01.jpg")] {
                ids.append(try await shoot.upload(try Fixtures.data(file), as: name))
                _ = try await shoot.settled(ids[ids.count - 1])
            }
            let object = "\(stage.server.data)/objects/originals/\(ids[1].suffix(4).prefix(2))/\(ids[1].suffix(2))/\(ids[1])"
            try FileManager.default.moveItem(atPath: object, toPath: folder.file("lost"))
            let path = "/api/sessions/\(shoot.id)/archive"
            let first = try? await shoot.owner.get(path)
            #expect(first.map { $0.status != 200 } ?? true)
            let files = try await Self.unpacked(try await shoot.owner.get(path).body, in: folder)
            #expect(files.keys.sorted() == ["a.jpg", "b.jpg.missing.txt"])
            #expect(try files["a.jpg"] == Fixtures.data("gps.jpg"))
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
