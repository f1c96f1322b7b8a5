import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What a photographer sends to guests, and what they get for it.
    @Suite struct LinkTests {
        /// A session with one ready photo, and a link into it.
        private struct Gallery {
            var shoot: Shoot
            var photo: String
            var link: JSONValue

            static func open(_ link: JSONValue) async throws -> Gallery {
                let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
                let photo = try await shoot.upload(try Fixtures.data("gps.jpg"), as: "gps.jpg")
                _ = try await shoot.settled(photo)
                let made = try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/links", link, expecting: 201)
                return Gallery(shoot: shoot, photo: photo, link: made)
            }

            var anonymous: API { shoot.owner.with(nil) }
            var door: String { get throws { "/api/links/\(try link.text("url").components(separatedBy: "/").last ?? "")/enter" } }
            var path: String { get throws { "/api/sessions/\(shoot.id)/links/\(try link.text("id"))" } }

            /// The URL of a rendition, signed for a guest, and its plain path.
            func rendition(_ entry: JSONValue) async throws -> (url: String, path: String) {
                let photo = try await anonymous.with(try entry.text("token")).json(.GET, "/api/photos/\(photo)")
                let url = try photo["renditions"]?.elements.first?.text("url") ?? ""
                return (url, url.components(separatedBy: "?").first ?? "")
            }
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `a guest comes in by the link, and is out two seconds after it was removed`() async throws {
            let gallery = try await Gallery.open(["name": "Family", "rights": ["download"], "password": "rosebud"])
            #expect(try await gallery.anonymous.send(.POST, try gallery.door).code == "password_required")
            let entry = try await gallery.anonymous.json(.POST, try gallery.door, ["name": "Bo", "password": "rosebud"])
            #expect(entry["session"]?["rights"] == ["view", "download"])
            let (url, _) = try await gallery.rendition(entry)
            #expect(try await gallery.anonymous.get(url).status == 200)
            #expect(try await gallery.anonymous.get("\(url)&download=1")["Content-Disposition"]?.hasPrefix("attachment") == true)
            let log = try await gallery.shoot.owner.all("\(try gallery.path)/uses")
            #expect(log.map { $0["kind"]?.stringValue } == ["entered"] && log.first?["name"] == "Bo")
            #expect(log.first?["network"] == "127.0.0.0/24")

            let socket = try await SocketClient.connect(
                port: try await SharedServer.stage().server.port, token: try entry.text("token"))
            try await socket.join(gallery.shoot, code: false)
            try await gallery.shoot.owner.json(.DELETE, try gallery.path, expecting: 204)
            #expect(try await gallery.anonymous.get(url).status == 401)
            try await socket.closed()
            #expect(try await gallery.anonymous.send(.POST, try gallery.door, json: ["password": "rosebud"]).status == 404)
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `with a cookie plain paths work, for media and nothing else`() async throws {
            let gallery = try await Gallery.open(["name": "Screen"])
            let answer = try await gallery.anonymous.send(.POST, try gallery.door, json: ["cookie": true])
            let cookie = try #require(answer["Set-Cookie"])
            #expect(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax") && cookie.contains("; Path=/media"))
            // Not over https, where a browser would keep it from us.
            #expect(!cookie.contains("Secure"))
            let header = [("Cookie", "theme=dark; \(cookie.components(separatedBy: ";")[0])")]
            let (_, path) = try await gallery.rendition(answer.json)
            #expect(try await gallery.anonymous.get(path, header).status == 200)
            #expect(try await gallery.anonymous.get(path).status == 401)
            #expect(try await gallery.anonymous.get("\(path)?download=1", header).code == "download_withheld")
            #expect(try await gallery.anonymous.get("/api/photos/\(gallery.photo)", header).status == 401)
            let without = try await gallery.anonymous.send(.POST, try gallery.door, json: [:])
            #expect(without.status == 200 && without["Set-Cookie"] == nil)
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `a link allows so many downloads, each in as many parts as it takes`() async throws {
            let gallery = try await Gallery.open(["name": "One", "rights": ["original"], "maxDownloads": 1])
            let entry = try await gallery.anonymous.json(.POST, try gallery.door, [:])
            let (url, _) = try await gallery.rendition(entry)
            #expect(try await gallery.anonymous.get(url).status == 200)
            for range in ["bytes=0-99", "bytes=100-199", "bytes=-50"] {
                #expect(try await gallery.anonymous.get("\(url)&download=1", [("Range", range)]).status == 206)
            }
            let original = "/media/\(gallery.photo)/original?grant=\(try entry.text("mediaToken"))"
            #expect(try await gallery.anonymous.get(original).code == "downloads_used_up")
            #expect(try await gallery.shoot.owner.json(.GET, try gallery.path)["downloads"] == 1)
        }

        @Test(.enabled(if: Tool.program("zbarimg") != nil))
        func `the printed code leads to the link, and its page is there`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let link = try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/links", ["name": "Wall"], expecting: 201)
            let path = "/api/sessions/\(shoot.id)/links/\(try link.text("id"))/qr"
            let png = try await shoot.owner.get("\(path)?format=png&correction=H")
            #expect(png["Content-Type"] == "image/png" && png["Cache-Control"] == "private, no-store")
            let folder = try TemporaryFolder("qr")
            try png.body.write(to: URL(fileURLWithPath: folder.file("code.png")))
            let url = try link.text("url")
            #expect(try await Tool("zbarimg").output(["--quiet", "--raw", folder.file("code.png")]) == url + "\n")
            let page = try await shoot.owner.with(nil).get("\(url)/qr?format=png")
            try page.body.write(to: URL(fileURLWithPath: folder.file("page.png")))
            #expect(try await Tool("zbarimg").output(["--quiet", "--raw", folder.file("page.png")]) == url + "\n")
            let svg = try await shoot.owner.get(path)
            #expect(svg["Content-Type"] == "image/svg+xml" && svg.text.hasPrefix("<svg"))
            #expect(try await shoot.owner.get("\(path)?format=gif").status == 400)
            #expect(try await shoot.owner.with(nil).get(url).text.contains("gallery.js"))
        }

        @Test func `what makes no sense is refused, with what it was`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let path = "/api/sessions/\(shoot.id)/links"
            let inputs: [JSONValue] = [
                [:], ["name": ""], ["name": "x", "rights": []], ["name": "x", "rights": ["manage"]], ["name": "x", "password": ""],
                ["name": "x", "expiresAt": "2020-01-01T00:00:00Z"], ["name": "x", "maxUses": -1],
            ]
            for input in inputs { #expect(try await shoot.owner.send(.POST, path, json: input).status == 422, "\(input)") }
            #expect(try await shoot.owner.json(.GET, path).items.isEmpty)
        }
    }
}
