import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// `lumiere session …` beside a server that runs on the same data.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"), "the fixtures are not made")) struct SessionTransferTests {
        /// A session with photos that people have written about, and somebody who takes it over.
        private struct Stage {
            var server: ServerProcess
            var shoot: Shoot
            var taker: API
            var photos: [String] = []

            static let shared = Once { try await build() }
            static let count = 12

            private static func build() async throws -> Stage {
                let server = try await ServerProcess.start()
                let (ada, ben) = (try await server.createAccount("ada"), try await server.createAccount("ben"))
                let key = try await server.createKey(of: ada, Scope.allCases)
                let taker = server.api.with(try await server.createKey(of: ben, Scope.allCases))
                let shoot = try await Shoot.begin(server.api.with(key), title: "Anna & Ben", settings: ["showLocation": true])
                var stage = Stage(server: server, shoot: shoot, taker: taker)
                for number in 0..<count {
                    let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), number)
                    // Names that are the same, or no names for files elsewhere.
                    stage.photos.append(try await shoot.upload(jpeg, as: number < 2 ? "same.jpg" : "con: \(number).jpg"))
                }
                for photo in stage.photos { _ = try await shoot.settled(photo) }
                try await shoot.owner.json(
                    .PUT, "/api/photos/\(stage.photos[0])",
                    ["title": "The <rings>", "caption": "A minute before", "tags": ["ceremony", "rings"], "rating": 5, "featured": true])
                return stage
            }

            func run(_ words: [String]) async throws -> (status: Int32, json: JSONValue, errors: String) {
                let output = try await Tool(Place.binary).run(["session"] + words + ["--data", server.data, "--json"])
                return (output.status, (try? JSON.decode(from: output.out)) ?? .null, output.err)
            }

            func export(to target: String) async throws -> JSONValue {
                let done = try await run(["export", shoot.id, "--to", target])
                #expect(done.status == 0, "\(done.errors)")
                return done.json
            }

            func take(_ source: String) async throws -> (status: Int32, json: JSONValue, errors: String) {
                try await run(["import", source, "--owner", "ben@example.org"])
            }

            /// What the taker sees of a session's photos: original by hash.
            func hashes(of session: String) async throws -> [String] {
                try await taker.all("/api/photos?session=\(session)").compactMap { $0["original"]?["sha256"]?.stringValue }.sorted()
            }

            func sessions() async throws -> Int { try await taker.all("/api/sessions").count }
        }

        private func originals() async throws -> [String] {
            let stage = try await Stage.shared.value
            return try await stage.shoot.photos().compactMap { $0["original"]?["sha256"]?.stringValue }.sorted()
        }

        @Test(arguments: ["folder", "file.zip"])
        func `a session that was written down is taken over with all that it has`(target: String) async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            let written = try await stage.export(to: folder.file(target))
            #expect(written.integer("photos") == Stage.count && written["lost"] == [])
            let taken = try await stage.take(folder.file(target))
            #expect(taken.status == 0 && taken.json.integer("added") == Stage.count, "\(taken.errors)")
            let id = try taken.json.text("session")
            let session = try await stage.taker.json(.GET, "/api/sessions/\(id)")
            #expect(id != stage.shoot.id && session["title"] == "Anna & Ben" && session["settings"]?["showLocation"] == true)
            #expect(session["accessCode"]?.stringValue != stage.shoot.code)
            #expect(try await stage.hashes(of: id) == originals())
            let rings = try #require(try await stage.taker.all("/api/photos?session=\(id)").first { $0["title"] == "The <rings>" })
            #expect(rings["rating"] == 5 && rings["filename"] == "same.jpg" && rings["caption"] == "A minute before")
            let shoot = Shoot(owner: stage.taker, id: id, code: "")
            #expect(try await shoot.settled(try rings.text("id"))["status"] == "ready")
        }

        @Test func `an archive is one for other programs, and its sidecars say what people have written`() async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            _ = try await stage.export(to: folder.file("a.zip"))
            let script = """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1]) as archive:
                    assert archive.testzip() is None
                    names = archive.namelist()
                    assert names[:2] == ['session.json', 'photos.jsonl'], names
                    assert 'originals/same.jpg' in names and 'originals/same (2).jpg' in names, names
                    sidecar = archive.read('originals/same.jpg.xmp').decode()
                    assert 'xmp:Rating="5"' in sidecar and 'The &lt;rings&gt;' in sidecar and '<rdf:li>ceremony</rdf:li>' in sidecar, sidecar
                """
            _ = try await Tool("python3").output(["-c", script, folder.file("a.zip")])
            #expect(!FileManager.default.fileExists(atPath: folder.file("a.zip.partial")))
        }

        @Test func `an interrupted export goes on where it was, and what is damaged is written again`() async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            let target = folder.file("out")
            _ = try await stage.export(to: target)
            let kept = "\(target)/originals/same (2).jpg"
            let before = try FileManager.default.attributesOfItem(atPath: kept)[.systemFileNumber] as? Int
            try FileManager.default.removeItem(atPath: target + "/session.json")
            try Data("cut".utf8).write(to: URL(fileURLWithPath: target + "/originals/same.jpg"))
            try Data("cut".utf8).write(to: URL(fileURLWithPath: target + "/originals/other.jpg.part"))
            _ = try await stage.export(to: target)
            #expect(try FileManager.default.attributesOfItem(atPath: kept)[.systemFileNumber] as? Int == before)
            #expect(try await originals().contains(Data(contentsOf: URL(fileURLWithPath: target + "/originals/same.jpg")).sha256))
            #expect(try await stage.run(["export", stage.shoot.id, "--to", Place.webRoot]).status != 0)
        }

        @Test func `an import refuses another file than was written down, and goes on once it is there`() async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            let target = folder.file("out")
            _ = try await stage.export(to: target)
            let (path, sessions) = ("\(target)/originals/same.jpg", try await stage.sessions())
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try (whole.dropLast() + [0x55]).write(to: URL(fileURLWithPath: path))
            let refused = try await stage.take(target)
            #expect(refused.status != 0 && refused.errors.contains("originals/same.jpg is not the file"), "\(refused.errors)")
            try whole.write(to: URL(fileURLWithPath: path))
            let taken = try await stage.take(target)
            #expect(taken.status == 0 && (taken.json.integer("added") ?? 0) >= 1, "\(taken.errors)")
            #expect(try await stage.hashes(of: try taken.json.text("session")) == originals())
            #expect(try await stage.sessions() == sessions + 1)
        }

        @Test func `an import that is killed goes on where it was`() async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            let (target, sessions) = (folder.file("out"), try await stage.sessions())
            _ = try await stage.export(to: target)
            let words = ["session", "import", target, "--owner", "ben", "--parallel", "1", "--data", stage.server.data]
            let child = try Child(Place.binary, words, output: folder.file("log"), errors: folder.file("errors"))
            // As soon as there is something to be seen of it.
            try await eventually("the import to begin") { try await stage.sessions() > sessions ? () : nil }
            child.signal(SIGKILL)
            if case .exited = try await child.ended(within: .seconds(30)) { return }
            let taken = try await stage.take(target)
            #expect(taken.status == 0, "\(taken.errors)")
            #expect(try await stage.hashes(of: try taken.json.text("session")) == originals())
            #expect(try await stage.sessions() == sessions + 1)
        }

        /// How an export is made hostile, in Python: `files` are its bytes by name, `write` packs them.
        @Test(arguments: [
            ("leads elsewhere", "write({**files, '../evil': b'x'})", "leads elsewhere"),
            ("twice", "write(list(files.items()) + [('session.json', b'{}')])", "twice"),
            ("link", "write(files, link='originals/same.jpg')", "no plain file"),
            ("no session", "write({'photos.jsonl': b''})", "session.json is missing"),
            ("another session", "write({**files, 'session.json': b'[]'})", "describes no session"),
            ("no photos", "write({**files, 'photos.jsonl': b'{}\\n'})", "describes no photo"),
            ("endless line", "write({**files, 'photos.jsonl': b' ' * (3 << 20)})", "too long"),
            ("bomb", "write({**files, 'session.json': bytes(64 << 20)})", "more than"),
            ("elsewhere in it", "write({**files, 'photos.jsonl': files['photos.jsonl'].replace(b'originals', b'..')})", "is missing"),
            ("cut", "write(files); data = open(target, 'rb').read(); open(target, 'wb').write(data[:-9])", "no ZIP archive"),
            ("nothing", "open(target, 'wb').close()", "no ZIP archive"),
        ])
        func `a hostile archive is refused`(kind: String, change: String, reason: String) async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            _ = try await stage.export(to: folder.file("good.zip"))
            let script = """
                import stat, sys, warnings, zipfile
                warnings.simplefilter('ignore')
                source, target = sys.argv[1:3]
                with zipfile.ZipFile(source) as archive: files = {name: archive.read(name) for name in archive.namelist()}
                def write(files, link=None):
                    with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
                        for name, data in files.items() if isinstance(files, dict) else files:
                            entry = zipfile.ZipInfo(name)
                            entry.compress_type = zipfile.ZIP_DEFLATED
                            entry.external_attr = ((stat.S_IFLNK if name == link else stat.S_IFREG) | 0o644) << 16
                            archive.writestr(entry, data)
                \(change)
                """
            _ = try await Tool("python3").output(["-c", script, folder.file("good.zip"), folder.file("bad.zip")])
            let refused = try await stage.take(folder.file("bad.zip"))
            #expect(refused.status != 0 && refused.status < 128 && refused.errors.contains(reason), "\(kind): \(refused)")
        }

        @Test func `an archive that another program has packed is taken, deflated and within a folder`() async throws {
            let (stage, folder) = (try await Stage.shared.value, try TemporaryFolder("transfer"))
            _ = try await stage.export(to: folder.file("out"))
            let script = "import shutil, sys; shutil.make_archive(sys.argv[1] + '/packed', 'zip', sys.argv[1], 'out')"
            _ = try await Tool("python3").output(["-c", script, folder.path])
            let taken = try await stage.take(folder.file("packed.zip"))
            #expect(taken.status == 0 && taken.json.integer("added") == Stage.count, "\(taken.errors)")
        }
    }
}
