import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Photos that are to look differently.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"), "the fixtures are not made")) struct RenderingTests {
        private static let mark: JSONValue = [
            "text": "LUMIERE", "place": "bottomRight", "colour": "#ff00ff", "opacity": 100, "scale": 40, "margin": 5, "shadow": false,
        ]

        /// The URLs of what is derived from some photos, by `large jpeg` and the like.
        private typealias Links = [[String: String]]

        private func send(_ count: Int, to shoot: Shoot) async throws -> [String] {
            let jpeg = try Fixtures.data("orientation-1.jpg")
            var photos: [String] = []
            for number in 0..<count {
                photos.append(try await shoot.upload(Fixtures.variant(of: jpeg, number), as: "photo-\(number).jpg"))
            }
            for photo in photos { #expect(try await shoot.settled(photo)["status"] == "ready") }
            return photos
        }

        private func links(_ photo: JSONValue) throws -> [String: String] {
            try (photo["renditions"]?.elements ?? []).reduce(into: [:]) {
                $0["\(try $1.text("name")) \(try $1.text("format"))"] = try $1.text("url")
            }
        }

        private func links(_ photos: [String], _ shoot: Shoot) async throws -> Links {
            var all: Links = []
            for photo in photos { all.append(try links(try await shoot.owner.json(.GET, "/api/photos/\(photo)"))) }
            return all
        }

        /// Changes the session's settings and waits for the end of what follows.
        /// - Returns: what the desk was told last.
        private func change(_ settings: JSONValue, _ shoot: Shoot, _ desk: SocketClient) async throws -> JSONValue {
            let already = desk.events.count
            try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["settings": settings])
            return try await eventually("the photos to be derived anew") {
                desk.events.dropFirst(already).last { $0.type == "rendering_progress" && $0.data["isOver"] == true }?.data
            }
        }

        @Test(.enabled(if: Picture.isPossible, "vips is not installed"))
        func `a new watermark is on every photo under new URLs, and on no thumbnail`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let photos = try await send(3, to: shoot)
            let before = try await links(photos, shoot)
            let clean = try await pictures(before[0], shoot.owner)
            let desk = try await SocketClient.connect(port: stage.server.port, token: shoot.owner.token)
            try await desk.join(shoot, code: false)
            let gallery = try await SocketClient.connect(port: stage.server.port)
            try await gallery.join(shoot, code: true)

            let over = try await change(["watermark": Self.mark], shoot, desk)
            #expect(over.integer("total") == 3 && over.integer("done") == 3 && over.integer("failed") == 0)
            #expect(over["sessionId"]?.stringValue == shoot.id)
            let recipe = try over.text("recipe")
            let after = try await links(photos, shoot)
            for (photo, links) in zip(photos, after) {
                #expect(links.count == 8 && links.values.allSatisfy { $0.contains("-\(recipe).") }, "\(links)")
                for socket in [desk, gallery] {
                    let told = try await socket.event("photo_status_updated") { $0.data["id"]?.stringValue == photo }
                    let urls = try self.links(told.data).mapValues { String($0.split(separator: "?")[0]) }
                    #expect(told.data["status"] == "ready" && urls == links.mapValues { String($0.split(separator: "?")[0]) })
                }
            }
            #expect(!gallery.events.contains { $0.type == "rendering_progress" || $0.type == "new_photo" })
            let marked = try await pictures(after[0], shoot.owner)
            try expectMark(clean, marked)
            try await expectGone(before, shoot.owner)

            #expect(try await change(["watermarkOff": true], shoot, desk).integer("done") == 3)
            let cleanAgain = try await pictures(try await links(photos, shoot)[0], shoot.owner)
            #expect(cleanAgain["large jpeg"]?.bytes == clean["large jpeg"]?.bytes)
        }

        private func pictures(_ links: [String: String], _ api: API) async throws -> [String: Pixels] {
            var pictures: [String: Pixels] = [:]
            for (name, url) in links {
                let answer = try await api.with(nil).get(url)
                #expect(answer.status == 200, "\(url)")
                pictures[name] = try await Picture(answer.body, extension: name.hasSuffix("webp") ? "webp" : "jpg").pixels()
            }
            return pictures
        }

        /// At the lower right, in the width that was asked for, and nowhere else.
        private func expectMark(_ clean: [String: Pixels], _ marked: [String: Pixels]) throws {
            for name in ["large jpeg", "large webp", "medium jpeg", "small webp"] {
                let (old, new) = (try #require(clean[name]), try #require(marked[name]))
                let changed = new.differences(from: old)
                let (width, height) = (new.width, new.height)
                #expect(changed.count > width * height / 500, "\(name): \(changed.count) pixels")
                let left = changed.map(\.x).min() ?? 0, right = changed.map(\.x).max() ?? 0
                let top = changed.map(\.y).min() ?? 0, bottom = changed.map(\.y).max() ?? 0
                // The margin is 5 % of the short edge. Letters do not fill their box to its edges.
                let margin = height * 5 / 100
                #expect(abs(Double(right - left) - Double(width) * 0.4) < Double(width) * 0.04, "\(name): \(left) to \(right)")
                #expect(abs(width - right - margin) < width / 50, "\(name): \(right)")
                #expect(top > height / 2 && bottom <= height - margin + 2 && bottom > height * 3 / 4, "\(name): \(top) to \(bottom)")
                let magenta = changed.count { place in
                    let pixel = new.bytes[3 * (place.y * width + place.x)..<3 * (place.y * width + place.x) + 3]
                    return zip(pixel, [255, 0, 255]).allSatisfy { abs(Int($0) - $1) < 80 }
                }
                #expect(magenta > changed.count / 3, "\(name): \(magenta) of \(changed.count)")
            }
            for name in ["thumb jpeg", "thumb webp"] {
                #expect(clean[name]?.bytes == marked[name]?.bytes, "\(name) has changed")
            }
        }

        private func expectGone(_ links: Links, _ api: API) async throws {
            for url in links.flatMap(\.values) {
                // They go right after the commit that puts others in their place.
                try await eventually("\(url) to be gone") { try await api.with(nil).get(url).status == 404 ? () : nil }
            }
        }

        @Test func `killed in the middle of it, the server derives the rest and counts right`() async throws {
            let slow = ["LUMIERE_DECODER_COUNT": "1", "LUMIERE_DECODER_EXPRESS": "0"]
            let server = try await ServerProcess.start(variables: slow)
            let ada = try await server.createAccount("ada")
            let shoot = try await Shoot.begin(server.api.with(try await server.createKey(of: ada, Scope.allCases)))
            let count = 20
            let photos = try await send(count, to: shoot)
            let before = try await links(photos, shoot)
            let desk = try await SocketClient.connect(port: server.port, token: shoot.owner.token)
            let joined = try await desk.join(shoot, code: false)
            try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["settings": ["watermark": Self.mark]])
            _ = try await desk.event("rendering_progress") { ($0.data.integer("done") ?? 0) >= 1 }
            try await server.kill9()

            // Nobody goes on with it yet.
            try await server.restart(["LUMIERE_DECODER_COUNT": "0"])
            let half = try #require(try await shoot.owner.json(.GET, "/api/sessions/\(shoot.id)")["rendering"])
            let recipe = try half.text("recipe")
            #expect(half["isOver"] == false && half.integer("total") == count)
            #expect((1..<count).contains(half.integer("done") ?? 0), "\(half)")
            try await expectWhole(photos, before, shoot, recipe, done: half.integer("done") ?? 0)

            try await server.terminate()
            try await server.restart()
            let over = try await eventually("the photos to be derived anew") { () -> JSONValue? in
                let rendering = try await shoot.owner.json(.GET, "/api/sessions/\(shoot.id)")["rendering"]
                return rendering?["isOver"] == true ? rendering : nil
            }
            #expect(over.integer("total") == count && over.integer("done") == count && over.integer("failed") == 0)
            try await expectWhole(photos, before, shoot, recipe, done: count)
            try await expectToldOnce(photos, shoot, server, since: joined)
        }

        /// Each photo shows all of one recipe and nothing of another, and all of it can be fetched.
        private func expectWhole(_ photos: [String], _ before: Links, _ shoot: Shoot, _ recipe: String, done: Int) async throws {
            var renewed = 0
            for (old, now) in zip(before, try await links(photos, shoot)) {
                let isNew = now.values.allSatisfy { $0.contains("-\(recipe).") }
                let plain = { (links: [String: String]) in links.mapValues { String($0.split(separator: "?")[0]) } }
                #expect(now.count == 8 && (isNew || plain(now) == plain(old)), "\(now)")
                renewed += isNew ? 1 : 0
                for url in now.values { #expect(try await shoot.owner.with(nil).get(url).status == 200, "\(url)") }
            }
            #expect(renewed == done)
        }

        /// The history has one event for each photo, whoever was there to hear it.
        private func expectToldOnce(_ photos: [String], _ shoot: Shoot, _ server: ServerProcess, since joined: JSONValue) async throws {
            let guest = try await SocketClient.connect(port: server.port)
            let place = (epoch: try joined.text("epoch"), offset: joined["offset"]?.integerValue ?? 0)
            #expect(try await guest.join(shoot, code: true, since: place)["recovered"] == true)
            _ = try await guest.ask("ping")
            let told = guest.events.filter { $0.topic?.hasPrefix("session:") == true && $0.type == "photo_status_updated" }
            #expect(told.compactMap { $0.data["id"]?.stringValue }.sorted() == photos.sorted())
            #expect(!guest.events.contains { $0.type == "new_photo" })
        }
    }
}
