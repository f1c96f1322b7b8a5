import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// The photographer's program against a real server: every original is what was in the folder.
    @Suite(.enabled(if: Fixtures.has("large-24mp.jpg", "orientation-1.jpg", "demo-video.mp4"))) struct TetherTests {
        @Test func `a folder with photos becomes a gallery, and a second run sends nothing`() async throws {
            let stage = try await Stage.build(try await SharedServer.stage().server)
            try stage.fill(8)
            try FileManager.default.copyItem(atPath: try Fixtures.path("demo-video.mp4"), toPath: stage.root + "/film.mp4")
            // The same content under another name is the same photo.
            try FileManager.default.copyItem(atPath: stage.root + "/photo-1.jpg", toPath: stage.root + "/copy.jpg")
            let first = try await stage.once()
            #expect(first.status == 0, "\(first.err)")
            #expect(try stage.sent(first) == 10)
            try await stage.expectEverything()
            let second = try await stage.once()
            #expect(second.status == 0)
            #expect(try stage.sent(second) == 0)
        }

        @Test func `a photo that comes while it watches is in the gallery`() async throws {
            let stage = try await Stage.build(try await SharedServer.stage().server)
            let tether = try stage.start()
            defer { tether.signal(SIGKILL) }
            try await stage.began()
            try stage.fill(2)
            try await stage.expectEverything()
            tether.signal(SIGTERM)
            #expect(try await tether.ended(within: .seconds(10)) == .exited(0))
        }

        @Test func `killed in the middle and started again, it sends the rest and nothing twice`() async throws {
            let stage = try await Stage.build(try await SharedServer.stage().server)
            try stage.fill(12, of: "large-24mp.jpg")
            for _ in 0..<3 {
                let sent = try await stage.photoCount()
                let tether = try stage.start()
                try await eventually("another photo to arrive", within: .seconds(90)) {
                    try await stage.photoCount() > sent ? () : nil
                }
                tether.signal(SIGKILL)
                _ = try await tether.ended(within: .seconds(10))
            }
            #expect(try await stage.once().status == 0)
            try await stage.expectEverything()
        }

        @Test func `the server is killed and comes back in the middle`() async throws {
            let server = try await ServerProcess.start()
            let stage = try await Stage.build(server)
            try stage.fill(12, of: "large-24mp.jpg")
            let tether = try stage.start()
            defer { tether.signal(SIGKILL) }
            for kill in 1...2 {
                try await eventually("photos to arrive", within: .seconds(90)) {
                    try await stage.photoCount() >= kill ? () : nil
                }
                try await server.kill9()
                try await server.restart()
            }
            try await stage.expectEverything()
            #expect(tether.ending == nil)
        }

        @Test func `what the server has needs no bytes, and what it does not take is named with the reason`() async throws {
            let server = try await ServerProcess.start(variables: ["LUMIERE_INGEST_TYPES": "image/jpeg"])
            let stage = try await Stage.build(server)
            try stage.fill(2)
            _ = try await stage.shoot.upload(
                try Data(contentsOf: URL(fileURLWithPath: stage.root + "/photo-0.jpg")), as: "by-another-way.jpg")
            try FileManager.default.copyItem(atPath: try Fixtures.path("demo-video.mp4"), toPath: stage.root + "/film.mp4")
            let run = try await stage.once()
            #expect(run.status == 1)
            let events = try run.events()
            #expect(events["sent photo-0.jpg"]?["duplicate"] == true)
            #expect(events["sent photo-1.jpg"]?["duplicate"] == false)
            #expect(events["refused film.mp4"]?["reason"]?.stringValue?.isEmpty == false)
            #expect(try await stage.photoCount() == 2)
        }

        @Test func `a key that does not hold ends it with 77`() async throws {
            let stage = try await Stage.build(try await SharedServer.stage().server, key: "lk1.none")
            try stage.fill(1)
            #expect(try await stage.once().status == 77)
        }

        @Test(
            .enabled("needs pyftpdlib from the package index", { await Stage.python.interpreter() != nil }),
            arguments: ["REST", "APPE"])
        func `a camera that speaks FTP, and is cut, has its photo in the gallery`(way: String) async throws {
            let stage = try await Stage.build(try await SharedServer.stage().server)
            let ftp = try await LocalFTP(root: stage.root, python: try #require(await Stage.python.interpreter()))
            let tether = try stage.start()
            defer { tether.signal(SIGKILL) }
            try await stage.began()
            let photo = stage.folder.file("DSC_0001.JPG")
            try Fixtures.variant(of: try Fixtures.data("large-24mp.jpg"), 1).write(to: URL(fileURLWithPath: photo))
            _ = try await Tool("python3").output(["-c", LocalFTP.camera, String(ftp.port), photo, "DSC_0001.JPG", way])
            try await stage.expectEverything()
        }

        @Test(arguments: [true, false])
        func `gphoto2's hook hands its file over, whether or not a tether runs, and never fails`(isRunning: Bool) async throws {
            let stage = try await Stage.build(try await SharedServer.stage().server)
            let tether = isRunning ? try stage.start() : nil
            defer { tether?.signal(SIGKILL) }
            if isRunning { try await stage.began() }
            #expect(try await stage.hook(["ACTION": "init"]) == .exited(0))
            try stage.fill(1)
            #expect(try await stage.hook(["ACTION": "download", "ARGUMENT": stage.root + "/photo-0.jpg"]) == .exited(0))
            #expect(try await stage.hook(["ACTION": "download", "ARGUMENT": "missing.jpg"]) == .exited(0))
            #expect(try await stage.hook(["ACTION": "download", "LUMIERE_SERVER": "nonsense"]) == .exited(0))
            #expect(try await stage.hook(["ACTION": "stop"]) == .exited(0))
            try await stage.expectEverything()
        }
    }

    /// A watched folder and a session to send into.
    private struct Stage: Sendable {
        static let python = PythonPackages(
            folder: Place.repository.appendingPathComponent(".build/ftp-venv").path, packages: ["pyftpdlib"],
            modules: ["pyftpdlib"])

        let server: ServerProcess
        let shoot: Shoot
        let key: String
        let folder: TemporaryFolder

        var root: String { folder.file("shoot") }

        static func build(_ server: ServerProcess, key: String? = nil) async throws -> Stage {
            let owner = try await server.createAccount("tether-\(UUID().uuidString.prefix(8).lowercased())")
            // A key outlives every restart; one that may only upload is all that a tether needs.
            let shoot = try await Shoot.begin(server.api.with(try await server.createKey(of: owner, Scope.allCases)))
            let own = if let key { key } else { try await server.createKey(of: owner, [.upload]) }
            let stage = Stage(server: server, shoot: shoot, key: own, folder: try TemporaryFolder("tether"))
            try FileManager.default.createDirectory(atPath: stage.root, withIntermediateDirectories: true)
            return stage
        }

        /// Puts different photos into the folder.
        func fill(_ count: Int, of name: String = "orientation-1.jpg") throws {
            let picture = try Fixtures.data(name)
            for number in 0..<count {
                try Fixtures.variant(of: picture, number).write(to: URL(fileURLWithPath: "\(root)/photo-\(number).jpg"))
            }
        }

        // MARK: The program

        private var environment: [String: String] {
            var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LUMIERE_") }
            environment["LUMIERE_SERVER"] = server.url
            environment["LUMIERE_SESSION"] = shoot.id
            environment["LUMIERE_KEY"] = key
            environment["LUMIERE_TETHER_STATE"] = folder.file("state")
            environment["LUMIERE_FOLDER"] = root
            return environment
        }

        /// Starts a tether that watches the folder.
        func start() throws -> Child {
            try Child(
                Place.binary, ["tether", "--json", root], environment: environment, output: folder.file("out"),
                errors: folder.file("err"))
        }

        /// Waits until it watches.
        func began() async throws {
            try await eventually("the tether to watch") { lines("out").contains { $0.contains(#""event":"began""#) } ? () : nil }
        }

        /// What a run with `--once` left.
        struct Run {
            var status: Int32
            var out: String
            var err: String

            /// What it told of files, by the event and the file's name.
            func events() throws -> [String: JSONValue] {
                let told: [JSONValue] = try out.split(separator: "\n").map { try JSON.decode(from: String($0)) }
                return told.reduce(into: [:]) { events, event in
                    guard let type = event["event"]?.stringValue, let file = event["file"]?.stringValue else { return }
                    events["\(type) \(file.split(separator: "/").last ?? "")"] = event
                }
            }
        }

        /// Runs a tether with `--once` to its end.
        func once() async throws -> Run {
            let (out, err) = (folder.file("once-\(UUID().uuidString)"), folder.file("once-err"))
            let child = try Child(
                Place.binary, ["tether", "--json", "--once", root], environment: environment, output: out, errors: err)
            let ending = try await child.ended(within: .seconds(180))
            let text = { (path: String) in (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
            guard case .exited(let status) = ending else { throw Tool.Failure(description: "the tether ended: \(ending)") }
            return Run(status: status, out: text(out), err: text(err))
        }

        /// Files that a run has sent, as it says itself.
        func sent(_ run: Run) throws -> Int? {
            let ending: JSONValue = try JSON.decode(from: run.out.split(separator: "\n").last.map(String.init) ?? "")
            return ending.integer("sent")
        }

        /// Runs the hook as gphoto2 does.
        func hook(_ words: [String: String]) async throws -> Child.Ending {
            let environment = environment.merging(words) { _, word in word }
            let child = try Child(
                Place.binary, ["tether", "--hook"], environment: environment, output: folder.file("hook-out"),
                errors: folder.file("hook-err"))
            return try await child.ended(within: .seconds(10))
        }

        private func lines(_ name: String) -> [String] {
            ((try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }

        // MARK: The gallery

        /// Photos in the session; what cannot be asked now counts as none.
        func photoCount() async throws -> Int { (try? await shoot.photos().count) ?? 0 }

        /// Waits until each content of the folder is in the session, and finds each there exactly once.
        func expectEverything() async throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: root)
            let expected = Set(try names.map { try Data(contentsOf: URL(fileURLWithPath: "\(root)/\($0)")).sha256 })
            try await eventually("\(expected.count) photos to be in the gallery", within: .seconds(120)) {
                try await photoCount() >= expected.count ? () : nil
            }
            var found: [String] = []
            for photo in try await shoot.photos() {
                let settled = try await shoot.settled(try photo.text("id"), within: .seconds(180))
                found.append(try settled["original"]?.text("sha256") ?? "")
            }
            #expect(found.count == expected.count)
            #expect(Set(found) == expected)
        }
    }
}
