import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// `lumiere media …` beside a server that runs on the same data.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"), "the fixtures are not made")) struct MediaCommandTests {
        private struct Stage {
            var server: ServerProcess
            var shoot: Shoot
            var photos: [String] = []

            /// One for all, which they leave as whole as they found it.
            static let shared = Once { try await build() }

            private static func build() async throws -> Stage {
                let server = try await ServerProcess.start()
                let ada = try await server.createAccount("ada")
                let key = try await server.createKey(of: ada, Scope.allCases)
                var stage = Stage(server: server, shoot: try await Shoot.begin(server.api.with(key)))
                for number in 0..<3 {
                    let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), number)
                    stage.photos.append(try await stage.shoot.upload(jpeg, as: "photo-\(number).jpg"))
                }
                for photo in stage.photos { #expect(try await stage.shoot.settled(photo)["status"] == "ready") }
                return stage
            }

            /// Runs the command, which may find something wrong.
            func media(_ words: String...) async throws -> (status: Int32, json: JSONValue, errors: String) {
                let output = try await Tool(Place.binary).run(["media"] + words + ["--data", server.data, "--json"])
                return (output.status, (try? JSON.decode(from: output.out)) ?? .null, output.err)
            }

            /// Where the disk has an object: its id's last four digits make two levels of folders.
            func path(_ kind: String, _ id: String, _ file: String? = nil) -> String {
                let tail = id.suffix(4)
                return "\(server.data)/objects/\(kind)/\(tail.prefix(2))/\(tail.suffix(2))/\(id)" + (file.map { "/\($0)" } ?? "")
            }

            /// The URL of a photo's rendition.
            func url(_ photo: String, _ name: String) async throws -> String {
                let renditions = try await shoot.owner.json(.GET, "/api/photos/\(photo)")["renditions"]?.elements
                return try #require(renditions?.first { $0["name"]?.stringValue == name && $0["format"] == "jpeg" }).text("url")
            }

            /// The file of a photo's rendition; what it holds is part of its name.
            func file(_ photo: String, _ name: String) throws -> String {
                let names = try FileManager.default.contentsOfDirectory(atPath: path("renditions", photo))
                let found = names.filter { $0.hasPrefix("\(name)-") && $0.hasSuffix(".jpg") }
                let file: String = try #require(found.first)
                return path("renditions", photo, file)
            }
        }

        @Test func `what is lost is found by verify and made again by rerender`() async throws {
            let stage = try await Stage.shared.value
            let whole = try await stage.media("verify", "--deep")
            #expect(whole.status == 0 && whole.json.integer("files") == 27 && whole.json.integer("faults") == 0, "\(whole)")

            let (lost, short) = (try stage.file(stage.photos[0], "large"), try stage.file(stage.photos[1], "small"))
            let url = try await stage.url(stage.photos[0], "large")
            let before = try await stage.shoot.owner.with(nil).get(url)
            #expect(before.status == 200)
            try FileManager.default.removeItem(atPath: lost)
            try Data("half".utf8).write(to: URL(fileURLWithPath: short))
            let broken = try await stage.media("verify")
            #expect(broken.status == 1 && broken.json.integer("faults") == 2, "\(broken)")
            let faults = broken.json["list"]?.elements ?? []
            #expect(faults.contains { $0["fault"] == "missing" && $0["key"]?.stringValue?.contains(stage.photos[0]) == true })
            #expect(faults.contains { $0["fault"]?.stringValue?.hasPrefix("has 4 bytes, not ") == true })

            // All photos follow their recipe: there is nothing to do, as far as the rows tell.
            let nothing = try await stage.media("rerender")
            #expect(nothing.status == 0 && nothing.json.integer("photos") == 3 && nothing.json.integer("done") == 3, "\(nothing)")
            #expect(try await stage.media("verify").status == 1)
            let all = try await stage.media("rerender", "--everything", "--session", stage.shoot.id)
            #expect(all.status == 0 && all.json.integer("done") == 3 && all.json.integer("failed") == 0, "\(all)")
            let mended = try await stage.media("verify", "--deep")
            #expect(mended.status == 0 && mended.json.integer("files") == 27, "\(mended)")
            #expect(try await stage.shoot.owner.with(nil).get(url).body == before.body)

            let missing = try await stage.media("rerender", "--session", Cast.missing)
            #expect(missing.status != 0 && missing.errors.contains("session"), "\(missing)")
            let nonsense = try await stage.media("rerender", "--session", "everything")
            #expect(nonsense.status == 64 && nonsense.errors.contains("everything is no id"), "\(nonsense)")
        }

        @Test func `what nothing speaks of is found by gc, and removed when it is told to`() async throws {
            let stage = try await Stage.shared.value
            // Left behind by somebody who was killed, once the day before yesterday and once just now; and what is none of ours.
            let old = stage.path("renditions", "01939a2e-7c1b-7d4e-9b54-0c9f5a3dab01", "large-0123456789ab.jpg")
            let new = stage.path("renditions", "01939a2e-7c1b-7d4e-9b54-0c9f5a3dab02", "large-0123456789ab.jpg")
            let strange = stage.server.data + "/objects/renditions/notes.txt"
            for path in [old, new, strange] { try plant(path, isOld: path != new) }
            // All that rows speak of is as old.
            for photo in stage.photos {
                try age(stage.path("originals", photo))
                try age(try stage.file(photo, "large"))
            }

            let found = try await stage.media("gc")
            #expect(found.status == 0 && found.json["orphans"] == 1 && found.json["deleted"] == false, "\(found)")
            #expect(FileManager.default.fileExists(atPath: old))
            let removed = try await stage.media("gc", "--delete")
            #expect(removed.status == 0 && removed.json["orphans"] == 1 && removed.json["deleted"] == true, "\(removed)")
            #expect([old, new, strange].map { FileManager.default.fileExists(atPath: $0) } == [false, true, true])
            #expect(try await stage.media("gc").json["orphans"] == 0)
            #expect(try await stage.media("verify", "--deep").json.integer("faults") == 0)
            let url = try await stage.url(stage.photos[0], "large")
            #expect(try await stage.shoot.owner.with(nil).get(url).status == 200)
        }

        private func plant(_ path: String, isOld: Bool) throws {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("left over".utf8).write(to: URL(fileURLWithPath: path))
            if isOld { try age(path) }
        }

        private func age(_ path: String) throws {
            let date = Date(timeIntervalSinceNow: -2 * 86_400)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        }
    }
}
