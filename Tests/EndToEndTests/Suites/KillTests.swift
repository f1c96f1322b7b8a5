import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What was acknowledged is kept, whichever process dies when.
    @Suite(.enabled(if: Fixtures.has("large-24mp.jpg", "orientation-1.jpg"))) struct KillTests {
        private struct Stage {
            var server: ServerProcess
            var shoot: Shoot

            static func build() async throws -> Stage {
                let server = try await ServerProcess.start()
                let owner = try await server.createAccount("ada")
                // A key outlives every restart, an access token only a quarter of an hour.
                let key = try await server.createKey(of: owner, Scope.allCases)
                return Stage(server: server, shoot: try await Shoot.begin(server.api.with(key)))
            }
        }

        @Test func `killed in the middle of an upload, the server still has every confirmed byte`() async throws {
            let stage = try await Stage.build()
            let data = try Fixtures.data("large-24mp.jpg")
            let tus = TusClient(api: stage.shoot.owner)
            let location = try await tus.create(session: stage.shoot.id, filename: "large.jpg", length: data.count)
            let confirmed = 2 << 20
            #expect(try await tus.patch(location, from: 0, data[0..<confirmed]).status == 204)
            let inFlight = try await tus.beginPatch(
                location, from: confirmed, announcing: data.count - confirmed, sending: data[confirmed..<confirmed + 700_000])
            try await stage.server.kill9()
            await inFlight.close()

            try await stage.server.restart()
            let offset = try await tus.offset(of: location)
            #expect(offset >= confirmed)
            #expect(offset <= confirmed + 700_000)
            try await tus.resume(location, data)
            let photo = try await stage.shoot.settled(TusClient.id(of: location))
            #expect(photo["status"] == "ready")
            #expect(photo["original"]?["sha256"]?.stringValue == data.sha256)
            #expect(try await stage.shoot.owner.get("/media/\(TusClient.id(of: location))/original").body.sha256 == data.sha256)
        }

        @Test(arguments: ["at once", "while it is processed"])
        func `killed after the last byte, the server shows the photo exactly once`(when: String) async throws {
            let stage = try await Stage.build()
            let guest = try await SocketClient.connect(port: stage.server.port)
            let joined = try await guest.join(stage.shoot, code: true)
            let epoch = try joined.text("epoch")

            let id = try await stage.shoot.upload(try Fixtures.data("large-24mp.jpg"), as: "large.jpg")
            if when != "at once" { _ = try await guest.event("new_photo") }
            try await stage.server.kill9()
            try await guest.closed()
            let offset = guest.events.compactMap(\.offset).max() ?? joined["offset"]?.integerValue ?? 0
            try await stage.server.restart()

            let again = try await SocketClient.connect(port: stage.server.port)
            let rejoined = try await again.join(stage.shoot, code: true, since: (epoch, offset))
            #expect(rejoined["epoch"]?.stringValue == epoch)
            #expect(rejoined["recovered"] == true)
            _ = try await again.event("photo_status_updated", within: .seconds(90)) { $0.data["status"] == "ready" }
            // The answer comes after everything that was due before it.
            _ = try await again.ask("ping")
            let events = (guest.events + again.events).filter { $0.data["id"]?.stringValue == id }
            #expect(events.filter { $0.type == "new_photo" }.count == 1)
            #expect(events.filter { $0.type == "photo_status_updated" && $0.data["status"] == "ready" }.count == 1)
            let photos = try await stage.shoot.photos()
            #expect(photos.map { $0["id"]?.stringValue } == [id])
            #expect(photos.first?["status"] == "ready")
            #expect(photos.first?["renditions"]?.elements.count == 8)
        }

        @Test func `killed between the thumbnails and the rest, the server makes the rest and tells of no photo twice`() async throws {
            let stage = try await Stage.build()
            let guest = try await SocketClient.connect(port: stage.server.port)
            let joined = try await guest.join(stage.shoot, code: true)
            let data = try Fixtures.data("large-24mp.jpg")
            var photos: [String] = []
            for number in 0..<3 {
                photos.append(try await stage.shoot.upload(Fixtures.variant(of: data, number), as: "large-\(number).jpg"))
            }
            for photo in photos { _ = try await guest.event("new_photo") { $0.data["id"]?.stringValue == photo } }
            try await stage.server.kill9()
            try await guest.closed()
            let isReady: (SocketClient.Event) -> Bool = { $0.type == "photo_status_updated" && $0.data["status"] == "ready" }
            #expect(guest.events.filter(isReady).count < photos.count)
            try await stage.server.restart()

            let again = try await SocketClient.connect(port: stage.server.port)
            let offset = guest.events.compactMap(\.offset).max() ?? 0
            #expect(try await again.join(stage.shoot, code: true, since: (try joined.text("epoch"), offset))["recovered"] == true)
            for photo in photos {
                let ready = try await stage.shoot.settled(photo)
                #expect(ready["status"] == "ready" && ready["renditions"]?.elements.count == 8)
            }
            _ = try await again.ask("ping")
            for (name, told) in [("new_photo", { $0.type == "new_photo" }), ("ready", isReady)] {
                let ids = (guest.events + again.events).filter(told).compactMap { $0.data["id"]?.stringValue }
                #expect(ids.sorted() == photos.sorted(), "\(name)")
            }
        }

        @Test(.enabled(if: Tool.program("python3") != nil))
        func `killed between a commit and its publishing, the server still tells everybody`() async throws {
            let stage = try await Stage.build()
            let guest = try await SocketClient.connect(port: stage.server.port)
            let joined = try await guest.join(stage.shoot, code: true)
            try await stage.server.kill9()
            // That moment cannot be hit from outside. What it leaves behind is a row that nobody has heard of.
            try await stage.server.execute(
                """
                INSERT INTO outbox (topic, name, data, created_at, sequence)
                SELECT ?, 'new_photo', ?, 1000 * unixepoch(), COALESCE(MAX(sequence), 0) + 1 FROM outbox
                """, ["session:\(stage.shoot.id)", #"{"id":"unheard-of"}"#])
            try await stage.server.restart()

            let again = try await SocketClient.connect(port: stage.server.port)
            let since = (try joined.text("epoch"), joined["offset"]?.integerValue ?? 0)
            #expect(try await again.join(stage.shoot, code: true, since: since)["recovered"] == true)
            _ = try await again.event("new_photo") { $0.data["id"]?.stringValue == "unheard-of" }
            _ = try await again.ask("ping")
            #expect(again.events.filter { $0.type == "new_photo" }.count == 1)
            let stream = try await RawConnection.open(port: stage.server.port)
            try await stream.send(
                """
                GET /api/sessions/\(stage.shoot.id)/events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(stage.shoot.owner.token ?? "")\r\n\
                Last-Event-ID: \(since.0):\(since.1)\r\n\r\n
                """)
            #expect(try await stream.received("unheard-of").contains(#""recovered":true"#))
            await stream.close()
        }

        @Test(.timeLimit(.minutes(Scale.isSoak ? 30 : 3)))
        func `killed again and again under a stream of uploads, the server loses and doubles nothing`() async throws {
            let stage = try await Stage.build()
            let stream = UploadStream(shoot: stage.shoot, picture: try Fixtures.data("orientation-1.jpg"))
            let uploads = Task { try await stream.run() }
            defer { uploads.cancel() }
            var random = SystemRandomNumberGenerator()
            for _ in 0..<Scale.kills {
                let before = stream.acknowledged.elements.count
                _ = try await stream.acknowledged.wait(for: "an upload", within: .seconds(60)) { names, _ in
                    names.count > before ? () : nil
                }
                // Somewhere within the next uploads and jobs: the point is that nobody knows where.
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...600, using: &random)))
                try await stage.server.kill9()
                try await stage.server.restart()
            }
            _ = try await stream.acknowledged.wait(for: "the uploads", within: .seconds(120)) { names, _ in
                names.count >= Scale.files ? () : nil
            }
            stream.finish()
            try await uploads.value

            let names = stream.acknowledged.elements
            let photos = try await eventually("every photo to be ready", within: .seconds(120), every: .milliseconds(300)) {
                let photos = try await stage.shoot.photos()
                return photos.allSatisfy { $0["status"] != "processing" } && photos.count >= names.count ? photos : nil
            }
            #expect(photos.allSatisfy { $0["status"] == "ready" })
            #expect(photos.compactMap { $0["filename"]?.stringValue }.sorted() == names.sorted())
            #expect(Set(photos.compactMap { $0["id"]?.stringValue }).count == photos.count)
        }

        @Test func `a decoder that is killed in the middle of a job does not take the job with it`() async throws {
            let stage = try await Stage.build()
            let desk = try await SocketClient.connect(port: stage.server.port, token: stage.shoot.owner.token)
            try await desk.join(stage.shoot, code: false)
            let id = try await stage.shoot.upload(try Fixtures.data("large-24mp.jpg"), as: "large.jpg")
            // The thumbnail is there, the large renditions are still to be made.
            _ = try await desk.event("new_photo")
            let decoders = stage.server.decoders()
            #expect(!decoders.isEmpty)
            for decoder in decoders { kill(decoder, SIGKILL) }
            let photo = try await stage.shoot.settled(id)
            #expect(photo["status"] == "ready")
            #expect(photo["renditions"]?.elements.count == 8)
            _ = try await desk.ask("ping")
            let shown = desk.events.filter { $0.type == "new_photo" && $0.topic?.hasPrefix("desk:") == true }
            #expect(shown.count == 1)
        }
    }
}
