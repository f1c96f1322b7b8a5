import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// A photo's way through the house.
    @Suite struct FlowTests {
        private static let big = "large-24mp.jpg"

        @Test(.enabled(if: Fixtures.has(big)))
        func `an upload that breaks off is resumed, seen live by a guest, and kept byte for byte`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let guest = try await SocketClient.connect(port: stage.server.port)
            let joined = try await guest.join(shoot, code: true)
            let desk = try await SocketClient.connect(port: stage.server.port, token: stage.ownerAPI.token)
            #expect(try await desk.join(shoot, code: false)["desk"] == true)

            let data = try Fixtures.data(Self.big)
            let photo = try await sendWithBreak(data, to: shoot)

            try await expectProgress(of: photo, guest: guest, desk: desk)
            try await expectArrival(of: photo, guest: guest, token: try joined.text("token"), server: stage.server)
            try await expectReady(photo, guest: guest, desk: desk)
            let original = try await shoot.owner.get("/media/\(photo)/original")
            #expect(original.status == 200)
            #expect(original.body.sha256 == data.sha256)
            #expect(try await shoot.owner.json(.GET, "/api/photos/\(photo)")["original"]?["sha256"]?.stringValue == data.sha256)
        }

        /// Two chunks, then a third whose connection breaks in the middle, then the rest.
        private func sendWithBreak(_ data: Data, to shoot: Shoot) async throws -> String {
            let tus = TusClient(api: shoot.owner)
            let chunk = 1 << 20
            let location = try await tus.create(session: shoot.id, filename: Self.big, length: data.count)
            for part in 0..<2 {
                let answer = try await tus.patch(location, from: part * chunk, data[part * chunk..<(part + 1) * chunk])
                #expect(answer.status == 204)
                #expect(answer["Upload-Offset"] == String((part + 1) * chunk))
            }
            let sent = chunk / 2
            let broken = try await tus.beginPatch(
                location, from: 2 * chunk, announcing: chunk, sending: data[2 * chunk..<2 * chunk + sent])
            await broken.close()
            // What arrived before the break is kept (tus 1.0.0: SHOULD). Only looked at from aside: a HEAD would take the
            // upload over before the last bytes are read.
            let id = TusClient.id(of: location)
            try await eventually("the broken chunk's bytes to count") {
                try await shoot.owner.json(.GET, "/api/uploads/\(id)").integer("offset") == 2 * chunk + sent ? () : nil
            }
            #expect(try await tus.offset(of: location) == 2 * chunk + sent)
            try await tus.resume(location, data, chunk: 3 << 20)
            return id
        }

        private func expectProgress(of photo: String, guest: SocketClient, desk: SocketClient) async throws {
            let seen = try await guest.event("upload_progress") { $0.data["uploadId"]?.stringValue == photo }
            #expect(seen.data["filename"] == nil)
            let known = try await desk.event("upload_progress") {
                $0.data["uploadId"]?.stringValue == photo && $0.topic?.hasPrefix("desk:") == true
            }
            #expect(known.data["filename"]?.stringValue == Self.big)
        }

        private func expectArrival(
            of photo: String, guest: SocketClient, token: String, server: ServerProcess
        ) async throws {
            let arrived = try await guest.event("new_photo") { $0.data["id"]?.stringValue == photo }
            #expect(arrived.offset != nil)
            #expect(arrived.data["filename"] == nil)
            let thumb = try #require(arrived.data["renditions"]?.elements.first { $0["name"] == "thumb" })
            let url = try thumb.text("url")
            #expect(!url.contains("?"))
            let picture = try await server.api.get("\(url)?grant=\(token)")
            #expect(picture.status == 200)
            #expect(picture["Content-Type"] == thumb["contentType"]?.stringValue)
            #expect(picture.body.count == thumb.integer("size"))
        }

        private func expectReady(_ photo: String, guest: SocketClient, desk: SocketClient) async throws {
            let isReady: (SocketClient.Event) -> Bool = {
                $0.data["id"]?.stringValue == photo && $0.data["status"] == "ready"
            }
            let ready = try await guest.event("photo_status_updated", within: .seconds(90), where: isReady)
            let kinds = try ready.data["renditions"]?.elements.map { try "\($0.text("name")) \($0.text("format"))" } ?? []
            let expected = ["thumb", "small", "medium", "large"].flatMap { ["\($0) jpeg", "\($0) webp"] }
            #expect(Set(kinds) == Set(expected))
            #expect(kinds.count == 8)
            #expect(ready.data["original"] == nil)
            // What the owner may take back is not told for good.
            #expect(ready.data["exif"] == nil)

            let known = try await desk.event("photo_status_updated") { isReady($0) && $0.topic?.hasPrefix("desk:") == true }
            #expect(known.data["filename"]?.stringValue == Self.big)
            expectFacts(try #require(known.data["exif"]))
        }

        private func expectFacts(_ exif: JSONValue) {
            #expect(exif["make"] == "Canon")
            #expect(exif["model"] == "Canon EOS R5")
            #expect(exif["lens"] == "RF24-70mm F2.8 L IS USM")
            #expect(exif["iso"] == 200)
            #expect(exif["aperture"]?.doubleValue == 4)
            #expect(exif["capturedAt"]?.stringValue?.hasPrefix("2026-06-20T18:35:00") == true)
            #expect(abs((exif["latitude"]?.doubleValue ?? 0) - 45.9766) < 0.001)
            #expect(abs((exif["longitude"]?.doubleValue ?? 0) - 7.6585) < 0.001)
            #expect(exif["artist"] == "Ada Sommer")
        }

        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `the same bytes twice are one photo`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let data = try Fixtures.data("gps.jpg")
            let first = try await shoot.upload(data, as: "one.jpg")
            _ = try await shoot.settled(first)
            let second = try await shoot.upload(data, as: "two.jpg")
            let upload = try await eventually("the second upload to end") {
                let view = try await shoot.owner.json(.GET, "/api/uploads/\(second)")
                return view["state"] == "completed" ? view : nil
            }
            #expect(upload["photoId"]?.stringValue == first)
            #expect(try await shoot.photos().count == 1)
        }

        @Test(.enabled(if: Fixtures.has("orientation-1.jpg")))
        func `the list is the newest first and goes on page by page`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let jpeg = try Fixtures.data("orientation-1.jpg")
            var sent: [String] = []
            for number in 0..<5 {
                sent.append(try await shoot.upload(Fixtures.variant(of: jpeg, number), as: "photo-\(number).jpg"))
                _ = try await shoot.settled(sent[number])
            }
            let listed = try await shoot.owner.all("/api/photos?session=\(shoot.id)", limit: 2)
            #expect(listed.compactMap { $0["id"]?.stringValue } == sent.reversed())
            let guest = try await shoot.guest()
            #expect(try await guest.all("/api/photos?session=\(shoot.id)", limit: 3).count == 5)
        }
    }
}
