import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What a server that is set to take little takes, by every door.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg") && Tool.program("curl") != nil, "needs curl"))
    struct AdmissionTests {
        private struct Stage: Sendable {
            var server: ServerProcess
            /// A photographer with a key of all rights.
            var owner: API
            var account: Account
        }

        private static let shared = Once {
            let server = try await ServerProcess.start(variables: [
                "LUMIERE_INGEST_TYPES": "image/jpeg,image/png", "LUMIERE_INGEST_TYPE_MEBIBYTES": "image/png=1",
                "LUMIERE_INGEST_QUOTA_SESSION_FILES": "3", "LUMIERE_WEBHOOKS_PRIVATE": "true",
            ])
            let account = try await server.createAccount("grace")
            let key = try await server.createKey(of: account, Scope.allCases)
            return Stage(server: server, owner: server.api.with(key), account: account)
        }

        private static func picture(_ number: Int) throws -> Data {
            Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), number)
        }

        // MARK: Forms

        /// Sends files by curl as a page's form would.
        private func form(_ files: [(name: String, data: Data)], _ shoot: Shoot) async throws -> (status: Int, json: JSONValue) {
            let folder = try TemporaryFolder("form")
            var words = ["-sS", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(shoot.owner.token ?? "")"]
            for file in files {
                try file.data.write(to: URL(fileURLWithPath: folder.file(file.name)))
                words += ["-F", "file=@\(folder.file(file.name))"]
            }
            let lines = try await Tool("curl").output(words + ["\(shoot.owner.base)/api/photos/upload?session=\(shoot.id)"])
                .split(separator: "\n")
            return (Int(lines.last ?? "") ?? 0, try JSON.decode(from: lines.dropLast().joined(separator: "\n")))
        }

        @Test func `curl's form of several files is taken file by file`() async throws {
            let shoot = try await Shoot.begin(try await Self.shared.value.owner)
            let pictures = [try Self.picture(1), try Self.picture(2)]
            let mixed = try await form(
                [("one.jpg", pictures[0]), ("none.gif", Data("GIF89a".utf8)), ("two.jpg", pictures[1])], shoot)
            #expect(mixed.status == 207, "\(mixed.json)")
            let photos = try await eventually("two photos") {
                let photos = try await shoot.photos()
                return photos.count == 2 ? photos : nil
            }
            for photo in photos { #expect(try await shoot.settled(try photo.text("id"))["status"] == "ready") }

            // Sent again, a file is the same photo; so another one has its place.
            let again = try await form([("again.jpg", pictures[0])], shoot)
            #expect(again.status == 201, "\(again.json)")
            let upload = try again.json["files"]?.elements.first?["upload"]?.text("id") ?? ""
            try await eventually("the file to be known") {
                try await shoot.owner.json(.GET, "/api/uploads/\(upload)")["state"] == "completed" ? () : nil
            }
            #expect(try await form([("three.jpg", try Self.picture(3))], shoot).status == 201)
            try await eventually("three photos") { try await shoot.photos().count == 3 ? () : nil }
        }

        @Test func `curl's plain way to send a file is taken, whatever it calls the bytes`() async throws {
            let shoot = try await Shoot.begin(try await Self.shared.value.owner)
            let folder = try TemporaryFolder("plain")
            let picture = try Self.picture(1)
            try picture.write(to: URL(fileURLWithPath: folder.file("one.jpg")))
            let status = try await Tool("curl").output([
                "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer \(shoot.owner.token ?? "")",
                "--data-binary", "@\(folder.file("one.jpg"))", "\(shoot.owner.base)/api/sessions/\(shoot.id)/files/one.jpg",
            ])
            #expect(status == "201")
            let photo = try await eventually("the photo to be there") { try await shoot.photos().first }
            #expect(try await shoot.settled(try photo.text("id"))["original"]?["sha256"]?.stringValue == picture.sha256)
        }

        @Test func `a page's form in which nothing was chosen is told so, and one with an empty place is taken`() async throws {
            let shoot = try await Shoot.begin(try await Self.shared.value.owner)
            let empty = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n" +
                "Content-Type: application/octet-stream\r\n\r\n\r\n"
            let chosen = Data("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n".utf8)
            for (more, status) in [(Data(), 400), (chosen + (try Self.picture(1)) + Data("\r\n".utf8), 201)] {
                let answer = try await shoot.owner.send(
                    .POST, "/api/photos/upload?session=\(shoot.id)",
                    headers: [("Content-Type", "multipart/form-data; boundary=b")],
                    body: Data(empty.utf8) + more + Data("--b--\r\n".utf8))
                #expect(answer.status == status, "\(answer.text)")
            }
            try await eventually("one photo") { try await shoot.photos().count == 1 ? () : nil }
        }

        @Test func `an original that was lost is taken anew, and is there again`() async throws {
            let stage = try await Self.shared.value
            let shoot = try await Shoot.begin(stage.owner)
            let picture = try Self.picture(1)
            let photo = try await shoot.upload(picture, as: "one.jpg")
            #expect(try await shoot.settled(photo)["status"] == "ready")
            #expect(try Self.removeOriginal(of: picture, stage.server) == 1)
            #expect(try await shoot.owner.get("/media/\(photo)/original").status != 200)

            let again = try await shoot.upload(picture, as: "one.jpg")
            try await eventually("the file to be the photo again") {
                try await shoot.owner.json(.GET, "/api/uploads/\(again)")["photoId"]?.stringValue == photo ? () : nil
            }
            #expect(try await shoot.owner.get("/media/\(photo)/original").body.sha256 == picture.sha256)
            #expect(try await shoot.photos().count == 1)
        }

        /// Removes what has these bytes from the folder of originals.
        /// - Returns: how many there were.
        private static func removeOriginal(of data: Data, _ server: ServerProcess) throws -> Int {
            let root = "\(server.data)/objects/originals"
            let files = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []).map { "\(root)/\($0)" }
            let found = files.filter { FileManager.default.contents(atPath: $0) == data }
            for file in found { try FileManager.default.removeItem(atPath: file) }
            return found.count
        }

        // MARK: Bounds

        @Test func `whatever the door, a session that is full takes no more, and nothing of it is lost`() async throws {
            let shoot = try await Shoot.begin(try await Self.shared.value.owner)
            for number in 1...3 { _ = try await shoot.upload(try Self.picture(number), as: "\(number).jpg") }
            let more = try Self.picture(4)
            let tus = try await shoot.owner.send(
                .POST, "/api/uploads",
                headers: [
                    TusClient.version, ("Upload-Length", String(more.count)),
                    ("Upload-Metadata", TusClient.metadata(session: shoot.id, filename: "4.jpg", type: "image/jpeg")),
                ])
            let put = try await shoot.owner.send(.PUT, "/api/sessions/\(shoot.id)/files/4.jpg", body: more)
            for answer in [tus, put] {
                #expect(answer.status == 413, "\(answer.text)")
                #expect(answer.code == "quota_exceeded")
                #expect(answer.json["holder"] == "session")
            }
            let form = try await form([("4.jpg", more)], shoot)
            #expect(form.status == 413)
            #expect(form.json["code"] == "quota_exceeded", "\(form.json)")
            try await eventually("three photos") { try await shoot.photos().count == 3 ? () : nil }
        }

        @Test(arguments: [
            ("film.mp4", "video/mp4", 1000, 415, "unsupported_type"), ("large.png", "image/png", 2 << 20, 413, "too_large"),
        ])
        func `a type that is not wanted, or too large a file of its type, is refused before its bytes`(
            name: String, type: String, length: Int, status: Int, code: String
        ) async throws {
            let shoot = try await Shoot.begin(try await Self.shared.value.owner)
            let answer = try await shoot.owner.send(
                .POST, "/api/uploads",
                headers: [
                    TusClient.version, ("Upload-Length", String(length)),
                    ("Upload-Metadata", TusClient.metadata(session: shoot.id, filename: name, type: type)),
                ])
            #expect(answer.status == status)
            #expect(answer.code == code)
        }

        @Test(.enabled(if: WebhookReceiver.isAvailable))
        func `bytes that are no photo whatever they are called fail, and whoever waits is told why`() async throws {
            let stage = try await Self.shared.value
            let shoot = try await Shoot.begin(stage.owner)
            let receiver = try await WebhookReceiver(["200"])
            _ = try await stage.server.client(stage.account).json(
                .POST, "/api/webhooks", ["url": .string(receiver.url), "events": ["photo.failed"]], expecting: 201)
            let put = try await shoot.owner.send(
                .PUT, "/api/sessions/\(shoot.id)/files/holiday.jpg", body: Data("GIF89a is what these bytes begin with".utf8))
            #expect(put.status == 201, "\(put.text)")
            let photo = try await eventually("the photo to be there") { try await shoot.photos().first }
            let settled = try await shoot.settled(try photo.text("id"))
            #expect(settled["status"] == "failed")
            let message: JSONValue = try JSON.decode(from: try #require(try await receiver.wait(for: 1).first).body)
            #expect(message["type"] == "photo.failed")
            #expect(message["data"]?["id"] == settled["id"])
            #expect(message["data"]?["failure"]?["code"] == "unsupported_type", "\(message)")
        }

        // MARK: Webhooks

        @Test func `a key makes no webhook, changes none and has no secret of one`() async throws {
            let stage = try await Self.shared.value
            let input: JSONValue = ["url": "https://hooks.example.org/lumiere", "events": ["photo.ready"]]
            let made = try await stage.server.client(stage.account).json(.POST, "/api/webhooks", input, expecting: 201)
            let path = "/api/webhooks/\(try made["webhook"]?.text("id") ?? "")"
            #expect(try await stage.owner.send(.POST, "/api/webhooks", json: input).status == 403)
            #expect(try await stage.owner.send(.PUT, path, json: input).status == 403)
            #expect(try await stage.owner.send(.POST, "\(path)/secret").status == 403)
            #expect(try await stage.owner.get(path).status == 200)
            #expect(try await stage.owner.send(.DELETE, path).status == 204)
        }

        /// The killed server's lease has to run out, which takes a minute.
        @Test(.enabled(if: WebhookReceiver.isAvailable && Scale.isSoak, "takes a minute"))
        func `a server that is killed while it tells of a photo tells of it again, and its log says so`() async throws {
            let server = try await ServerProcess.start(variables: ["LUMIERE_WEBHOOKS_PRIVATE": "true"])
            let account = try await server.createAccount("grace")
            let shoot = try await Shoot.begin(server.api.with(try await server.createKey(of: account, Scope.allCases)))
            let receiver = try await WebhookReceiver(["hang", "200"])
            let made = try await server.client(account).json(
                .POST, "/api/webhooks", ["url": .string(receiver.url), "events": ["upload.completed"]], expecting: 201)
            _ = try await shoot.upload(try Self.picture(1), as: "1.jpg")
            let first = try #require(try await receiver.wait(for: 1).first)
            try await server.kill9()
            try await server.restart()
            let log = "/api/webhooks/\(try made["webhook"]?.text("id") ?? "")/deliveries"
            let delivery = try await eventually("the message to be delivered", within: .seconds(150)) {
                let delivery = try await shoot.owner.json(.GET, log).items.first
                return delivery?["state"] == "delivered" ? delivery : nil
            }
            let messages = try receiver.messages()
            #expect(messages.count == 2)
            #expect(messages[1].headers["webhook-id"] == first.headers["webhook-id"])
            #expect(delivery["attempts"]?.elements.contains { $0["error"] == "interrupted" } == true, "\(delivery)")
        }
    }
}
