import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Uploads whose requests go to whichever node is there.
    @Suite(.enabled(if: Fleet.isPossible && Fixtures.has("large-24mp.jpg", "orientation-1.jpg", "photo.dng")))
    struct FleetUploadTests {
        private static let big = "large-24mp.jpg"

        private func expectOriginal(_ photo: String, _ data: Data, _ shoot: Shoot) async throws {
            #expect(try await shoot.settled(photo)["status"] == "ready")
            #expect(try await shoot.owner.get("/media/\(photo)/original").body.sha256 == data.sha256)
        }

        // MARK: The IETF's protocol

        /// How a version says whether there is more to come.
        struct Dialect: Sendable {
            var version: String?
            var field = "Upload-Complete"
            var more = "?0"
            var all = "?1"

            var headers: [(String, String)] { version.map { [("Upload-Draft-Interop-Version", $0)] } ?? [] }
        }

        private static let dialects = [
            Dialect(version: "3", field: "Upload-Incomplete", more: "?1", all: "?0"), Dialect(version: "6"),
            Dialect(version: "9"), Dialect(),
        ]

        @Test(arguments: dialects)
        func `a draft's client goes through nginx in pieces`(dialect: Dialect) async throws {
            let shoot = try await Shoot.begin(try await Fleet.stage().owner)
            let data = Fixtures.variant(of: try Fixtures.data(Self.big), 1)
            let created = try await shoot.owner.send(
                .POST, "/api/uploads?session=\(shoot.id)",
                headers: dialect.headers + [
                    (dialect.field, dialect.more), ("Content-Type", "image/jpeg"),
                    ("Content-Disposition", "inline; filename=\"large.jpg\""),
                ])
            #expect(created.status == 201)
            let location = try #require(created["Location"])
            #expect(location.hasPrefix(shoot.owner.base))
            for start in stride(from: 0, to: data.count, by: 3 << 20) {
                let end = min(start + 3 << 20, data.count)
                let head = try await shoot.owner.send(.HEAD, location, headers: dialect.headers)
                #expect(head["Upload-Offset"] == String(start))
                let answer = try await shoot.owner.send(
                    .PATCH, location,
                    headers: dialect.headers + [
                        ("Upload-Offset", String(start)), (dialect.field, end == data.count ? dialect.all : dialect.more),
                        ("Content-Type", "application/partial-upload"),
                    ], body: data[start..<end])
                #expect((200..<300).contains(answer.status), "\(answer.status) \(answer.text)")
            }
            try await expectOriginal(TusClient.id(of: location), data, shoot)
        }

        // MARK: Side by side

        @Test func `stretches sent to both servers are one photo, though one server dies while they are put together`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let data = Fixtures.variant(of: try Fixtures.data(Self.big), 2)
            let middle = data.count / 2
            async let first = part(data[..<middle], of: shoot, at: fleet.owner(at: 1))
            async let second = part(data[middle...], of: shoot, at: fleet.owner(at: 2))
            let parts = try await [first, second]
            let metadata = TusClient.metadata(session: shoot.id, filename: "joined.jpg", type: "image/jpeg")
            let final = try await fleet.owner(at: 1).send(
                .POST, "/api/uploads",
                headers: [
                    TusClient.version, ("Upload-Concat", "final;" + parts.joined(separator: " ")),
                    ("Upload-Metadata", metadata),
                ])
            #expect(final.status == 201, "\(final.text)")
            try fleet.signal("server-1", SIGKILL)
            let id = TusClient.id(of: try #require(final["Location"]))
            let there = Shoot(owner: fleet.owner(at: 2), id: shoot.id, code: shoot.code)
            try await expectOriginal(id, data, there)
            try await fleet.up("server-1")
            let head = try await TusClient(api: fleet.owner(at: 1)).head("\(fleet.server(1))/api/uploads/\(id)")
            #expect(head["Upload-Offset"] == String(data.count))
            #expect(head["Upload-Concat"]?.hasPrefix("final;") == true)
        }

        /// - Returns: the path of a partial upload that is whole.
        private func part(_ bytes: Data, of shoot: Shoot, at owner: API) async throws -> String {
            let created = try await owner.send(
                .POST, "/api/uploads",
                headers: [
                    TusClient.version, ("Upload-Length", String(bytes.count)), ("Upload-Concat", "partial"),
                    ("Upload-Metadata", "session \(Data(shoot.id.utf8).base64EncodedString())"),
                ])
            let location = try #require(created["Location"])
            let data = Data(bytes)
            try await TusClient(api: owner).resume(location, data, chunk: 2 << 20)
            return "/api/uploads/\(TusClient.id(of: location))"
        }

        // MARK: Several files, one photo

        @Test func `a RAW at one server and its JPEG at the other are one photo with two originals`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let files = [
                ("DSC_0042.DNG", "image/x-adobe-dng", try Fixtures.data("photo.dng")),
                ("dsc_0042.jpg", "image/jpeg", Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 3)),
            ]
            var uploads: [String] = []
            for (number, file) in files.enumerated() {
                let there = Shoot(owner: fleet.owner(at: number + 1), id: shoot.id, code: shoot.code)
                uploads.append(try await there.upload(file.2, as: file.0, type: file.1))
            }
            let photo = try await photo(of: uploads[0], shoot.owner)
            #expect(try await self.photo(of: uploads[1], shoot.owner) == photo)
            let originals = try await eventually("the JPEG to be shown", within: .seconds(90)) {
                let seen = try await shoot.settled(photo)
                let originals = seen["originals"]?.elements ?? []
                return originals.count == 2 && seen["status"] == "ready" ? originals : nil
            }
            #expect(originals.compactMap { $0["role"]?.stringValue }.sorted() == ["primary", "raw"])
            for original in originals {
                let data = files[original["role"] == "raw" ? 0 : 1].2
                #expect(try await fleet.owner(at: 2).get(try original.text("url")).body.sha256 == data.sha256)
            }
            #expect(try await shoot.photos().count == 1)
        }

        /// The photo that an upload became.
        private func photo(of upload: String, _ owner: API) async throws -> String {
            try await eventually("upload \(upload) to be a photo", within: .seconds(60)) {
                try await owner.json(.GET, "/api/uploads/\(upload)")["photoId"]?.stringValue
            }
        }

        // MARK: Webhooks

        @Test(.enabled(if: WebhookReceiver.isAvailable))
        func `whoever waits at a URL is told of each photo by one of the nodes, once`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let receiver = try await WebhookReceiver(["200"])
            _ = try await fleet.signedIn().json(
                .POST, "/api/webhooks",
                ["url": .string(receiver.url), "events": ["upload.completed", "photo.ready"], "sessionId": .string(shoot.id)],
                expecting: 201)
            let jpeg = try Fixtures.data("orientation-1.jpg")
            var photos: Set<String> = []
            for number in 1...6 {
                let there = Shoot(owner: fleet.owner(at: 1 + number % 2), id: shoot.id, code: shoot.code)
                photos.insert(try await there.upload(Fixtures.variant(of: jpeg, number), as: "\(number).jpg"))
            }
            for photo in photos { _ = try await shoot.settled(photo) }
            let messages = try await receiver.wait(for: 12)
            var told: [String: [String]] = [:]
            for message in messages {
                let body: JSONValue = try JSON.decode(from: message.body)
                let id = body["data"]?["photoId"]?.stringValue ?? body["data"]?["id"]?.stringValue ?? ""
                told[try body.text("type"), default: []].append(id)
            }
            #expect(messages.count == 12)
            #expect(told["upload.completed"]?.sorted() == photos.sorted())
            #expect(told["photo.ready"]?.sorted() == photos.sorted())
            #expect(Set(messages.compactMap { $0.headers["webhook-id"] }).count == 12)
        }
    }
}
