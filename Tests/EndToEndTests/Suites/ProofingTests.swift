import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What guests do with the photos that they are shown, and what the photographer gets of it.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"))) struct ProofingTests {
        /// A session with three photos, and two guests who may select.
        private struct Gallery {
            var shoot: Shoot
            var photos: [String]
            var (ann, bo): (API, API)

            var session: String { "/api/sessions/\(shoot.id)" }

            static func open() async throws -> Gallery {
                let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
                var photos: [String] = []
                for number in 0..<3 {
                    let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), number)
                    photos.append(try await shoot.upload(jpeg, as: "IMG_\(number).JPG"))
                }
                for photo in photos { _ = try await shoot.settled(photo) }
                let link = try await shoot.owner.json(
                    .POST, "/api/sessions/\(shoot.id)/links", ["name": "Couple", "rights": ["select"]], expecting: 201)
                let door = "/api/links/\(try link.text("url").components(separatedBy: "/").last ?? "")/enter"
                func enter(_ name: String) async throws -> API {
                    shoot.owner.with(try await shoot.owner.with(nil).json(.POST, door, ["name": .string(name)]).text("token"))
                }
                return Gallery(shoot: shoot, photos: photos, ann: try await enter("Ann"), bo: try await enter("Bo"))
            }
        }

        @Test func `a couple chooses, and the photographer takes the choice away`() async throws {
            let gallery = try await Gallery.open()
            let owner = gallery.shoot.owner
            let list = "/api/selections/" + (try await owner.json(
                .POST, "\(gallery.session)/selections", ["name": "Album", "minimum": 2, "maximum": 2], expecting: 201).text("id"))
            let note: JSONValue = ["note": "=Crop, please", "colour": "green", "rating": 4]
            #expect(try await gallery.ann.json(.PUT, "\(list)/photos/\(gallery.photos[0])", note)["by"]?["name"] == "Ann")
            #expect(try await gallery.ann.send(.POST, "\(list)/submit").code == "selection_short")
            #expect(try await gallery.bo.send(.PUT, "\(list)/photos/\(gallery.photos[1])").status == 200)
            #expect(try await gallery.bo.send(.PUT, "\(list)/photos/\(gallery.photos[2])").code == "selection_full")
            #expect(try await gallery.bo.send(.GET, "\(list)/export").status == 403)
            #expect(try await gallery.bo.json(.POST, "\(list)/submit")["submittedBy"] == "Bo")
            #expect(try await gallery.bo.send(.DELETE, "\(list)/photos/\(gallery.photos[1])").code == "selection_submitted")
            let chosen = try await gallery.bo.all("\(list)/photos", limit: 1)
            #expect(chosen.map { $0["photoId"]?.stringValue } == Array(gallery.photos.prefix(2)))
            let names = try await owner.get("\(list)/export?separator=space&extension=strip")
            #expect(names.text == "IMG_0 IMG_1" && names["Content-Disposition"] == "attachment; filename=\"Album.txt\"")
            let table = try await owner.get("\(list)/export?format=csv").text
            #expect(table.contains("\r\nIMG_0.JPG,\"'=Crop, please\",green,4,Ann,"))
            let archive = try await owner.get("\(list)/export?format=xmp")
            #expect(archive["Content-Type"] == "application/zip" && archive["Content-Length"] == String(archive.body.count))
            #expect(archive.body.prefix(2) == Data("PK".utf8) && archive.text.contains("xmp:Label=\"Green\""))
            #expect(try await owner.send(.GET, "\(list)/export?format=pdf").code == "bad_query")
            #expect(try await owner.json(.POST, "\(list)/reopen")["state"] == "open")
            try await gallery.ann.json(.DELETE, "\(list)/photos/\(gallery.photos[0])", expecting: 204)
        }

        @Test func `photos are liked, spoken of and reported, and the photographer has the figures`() async throws {
            let gallery = try await Gallery.open()
            let (owner, photo) = (gallery.shoot.owner, "/api/photos/\(gallery.photos[0])")
            try await gallery.ann.json(.PUT, "\(photo)/like")
            #expect(try await gallery.bo.json(.PUT, "\(photo)/like")["likes"] == 2)
            try await gallery.ann.json(.PUT, "\(photo)/favourite")
            let favourites = try await gallery.ann.all("/api/photos?session=\(gallery.shoot.id)&favourite=true")
            #expect(favourites.map { $0["id"]?.stringValue } == [gallery.photos[0]] && favourites[0]["isLiked"] == true)
            try await gallery.ann.json(.POST, "\(photo)/comments", ["text": "That one!"], expecting: 201)
            #expect(try await gallery.bo.all("\(photo)/comments").map { $0["text"] } == ["That one!"])
            for _ in 0..<2 { try await gallery.bo.json(.POST, "\(photo)/report", ["reason": "private"], expecting: 204) }
            let report = try #require(try await owner.all("\(gallery.session)/reports").first)
            #expect(report["by"]?["name"] == "Bo")
            #expect(try await gallery.ann.send(.GET, "\(gallery.session)/reports").status == 403)
            try await owner.json(.POST, "/api/reports/\(try report.text("id"))/resolve", ["resolution": "hide"])
            for path in [photo, "\(photo)/comments"] { #expect(try await gallery.ann.send(.GET, path).status == 404, "\(path)") }
            #expect(try await gallery.ann.send(.PUT, "\(photo)/like").status == 404)
            let facts = try await eventually("what happened to be written down", within: .seconds(20)) {
                let facts = try await owner.json(.GET, "\(gallery.session)/statistics")
                return facts["entriesByLink"] == 2 && facts["latency"]?["photos"] == 3 ? facts : nil
            }
            #expect(facts["likes"] == 2 && facts["favourites"] == 1 && facts["reviews"] == ["approved": 3])
            let log = try await owner.all("\(gallery.session)/access-log")
            #expect(log.map { $0["name"]?.stringValue } == ["Bo", "Ann"] && log.allSatisfy { $0["network"] == "127.0.0.0/24" })
            let all = try await owner.json(.GET, "/api/auth/statistics").integer("likes")
            #expect(all.map { $0 >= 2 } == true)
            try await owner.json(.DELETE, "\(gallery.session)/links", expecting: 204)
            #expect(try await gallery.ann.send(.GET, gallery.session).status == 401)
        }
    }
}
