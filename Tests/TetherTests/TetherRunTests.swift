import Core
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Tether

/// Keeps what a tether tells.
final class Recorder: TetherDisplay {
    let events = Inbox<TetherEvent>()

    func tell(_ event: TetherEvent) { events.push(event) }
    func show(_ picture: TetherPicture) {}

    /// Names of the files that were sent, in order.
    var sent: [String] {
        events.elements.compactMap { event in
            if case .sent(let file, _) = event { FileName.last(file.path) } else { nil }
        }
    }

    func wait(for what: String, _ fits: @escaping (TetherEvent) -> Bool) async throws {
        try await events.wait(for: what) { events, _ in events.contains(where: fits) ? () : nil }
    }

    func waitUntilSent(_ count: Int) async throws {
        try await events.wait(for: "\(count) files to be sent") { events, _ in
            events.count { if case .sent = $0 { true } else { false } } >= count ? () : nil
        }
    }
}

/// A photographer's folder, and the tether over it.
struct Shooting: Sendable {
    let folder: TemporaryFolder
    let session = SessionID(at: Timestamp(milliseconds: 1))

    init() throws {
        folder = try TemporaryFolder("shooting")
        try FileManager.default.createDirectory(atPath: folder.file("shoot"), withIntermediateDirectories: true)
    }

    var root: String { folder.file("shoot") }

    /// Writes random bytes that no format knows, unlike those of any other file.
    @discardableResult
    func shoot(_ name: String, size: Int = 200_000) throws -> Data {
        var random = SystemRandomNumberGenerator()
        let data = Data([0]) + Data((0..<size / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } })
        try data.write(to: URL(fileURLWithPath: root + "/" + name))
        return data
    }

    func settings(
        _ url: String, key: String = "good", _ change: (inout TetherSettings) -> Void = { _ in }
    ) throws -> TetherSettings {
        var settings = TetherSettings(
            server: try #require(ServerAddress(url)), key: Secret(key), session: session, folder: root)
        settings.stateFolder = folder.file("state")
        change(&settings)
        return settings
    }

    /// Runs with `--once`.
    func once(_ url: String, key: String = "good", _ display: Recorder = Recorder()) async throws -> TetherEnding {
        let settings = try settings(url, key: key) { $0.once = true }
        return try await within(.seconds(60)) { try await Tether(settings, environment: [:], display: display).run() }
    }
}

@Suite("A tether and a server that makes mistakes", .serialized)
struct TetherRunTests {
    private static let faults = [
        "plain", "cut", "locked", "gone", "busy", "mismatch", "liar", "silent", "portal", "unsure", "spoiled", "lacking",
    ]

    // All at a time: most of it is waiting.
    @Test("sends every file whole, whatever goes wrong once")
    func faults() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fault in Self.faults { group.addTask { try await sends(fault) } }
            try await group.waitForAll()
        }
    }

    private func sends(_ fault: String) async throws {
        let (server, shooting) = (try await FaultyServer(), try Shooting())
        let name = fault + ".jpg"
        let data = try shooting.shoot(name)
        let ending = try await shooting.once(server.url)
        #expect(ending == TetherEnding(sent: 1), "\(fault)")
        #expect(server.content(name) == data, "\(fault)")
        #expect(try await shooting.once(server.url) == TetherEnding(), "\(fault)")
    }

    @Test("goes on after a cut from where the server stands")
    func resumes() async throws {
        let (server, shooting) = (try await FaultyServer(), try Shooting())
        try shooting.shoot("cut.jpg", size: 900_000)
        _ = try await shooting.once(server.url)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
        #expect(server.requests.filter { $0.hasPrefix("HEAD") }.count >= 1)
    }

    @Test("sends no byte of what the server knows, and the same content once")
    func duplicates() async throws {
        let (server, shooting) = (try await FaultyServer(), try Shooting())
        try shooting.shoot("known.jpg")
        let data = try shooting.shoot("a.jpg")
        try data.write(to: URL(fileURLWithPath: shooting.root + "/b.jpg"))
        #expect(try await shooting.once(server.url) == TetherEnding(sent: 3))
        #expect(server.requests.filter { $0.hasPrefix("PATCH") }.count == 1)
        // To be told of it is enough.
        #expect(server.requests.filter { $0.contains("known") } == ["POST known.jpg 201"])
        #expect(try await shooting.once(server.url) == TetherEnding())
    }

    @Test("knows an upload for good, also while another file with its content waits for it")
    func twins() async throws {
        var server = try await FaultyServer()
        let (shooting, display) = (try Shooting(), Recorder())
        let data = try shooting.shoot("slow.jpg", size: 4_000_000)
        let settings = try shooting.settings(server.url)
        let first = Task { try await Tether(settings, environment: [:], display: display).run() }
        try await eventually("bytes to arrive") { [server] in server.size(ofUpload: 0) > 100_000 ? () : nil }
        try data.write(to: URL(fileURLWithPath: shooting.root + "/twin.jpg"))
        // Time enough to read it.
        try await eventually("most of it to arrive") { [server] in server.size(ofUpload: 0) > 3_000_000 ? () : nil }
        try await server.kill9()
        first.cancel()
        _ = try await within(.seconds(10)) { try await first.value }
        server = try await FaultyServer(port: server.port, folder: server.folder)
        #expect(try await shooting.once(server.url) == TetherEnding(sent: 2))
        #expect(server.requests.count { $0.hasPrefix("POST") } == 1)
    }

    @Test("says what a file's content is before it sends any of it")
    func digest() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let data = try shooting.shoot("a.jpg", size: 3_000_000)
        #expect(try await shooting.once(server.url, display) == TetherEnding(sent: 1))
        let declared: JSONValue = try JSON.decode(
            from: try Data(contentsOf: URL(fileURLWithPath: server.folder.file("uploads.json"))))
        let file = try OpenedFile(shooting.root + "/a.jpg", in: FolderReach(folder: shooting.root))
        let digest = try #require(try FileHash.sha256(file, size: Int64(data.count)) { _ in true })
        #expect(declared == ["u0": ["name": "a.jpg", "length": .integer(Int64(data.count)), "sha256": .string(digest)]])
        #expect(!server.requests.contains { $0.hasPrefix("MISTAKEN") })
    }

    @Test("marks what the server refuses, with its sentence, and asks no more")
    func refused() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        try shooting.shoot("refused.jpg")
        try shooting.shoot("good.jpg")
        #expect(try await shooting.once(server.url, display) == TetherEnding(sent: 1, refused: 1))
        let reasons = display.events.elements.compactMap { event -> String? in
            if case .refused(_, let reason) = event { reason } else { nil }
        }
        #expect(reasons == ["Only photos."])
        #expect(try await shooting.once(server.url) == TetherEnding(refused: 1))
        #expect(server.requests.filter { $0.contains("refused") }.count == 1)
    }

    @Test("stops when its key does not hold, and keeps what it has")
    func badKey() async throws {
        let (server, shooting) = (try await FaultyServer(), try Shooting())
        try shooting.shoot("a.jpg")
        #expect(try await shooting.once(server.url, key: "bad") == TetherEnding(left: 1, stopped: "The key does not hold."))
        #expect(try await shooting.once(server.url) == TetherEnding(sent: 1))
    }

    @Test("goes on when the server comes back, and when it is started again itself")
    func restarts() async throws {
        var server = try await FaultyServer()
        let (shooting, display) = (try Shooting(), Recorder())
        let data = try shooting.shoot("slow.jpg", size: 4_000_000)
        let (url, port, folder) = (server.url, server.port, server.folder)
        let settings = try shooting.settings(url)
        let first = Task { try await Tether(settings, environment: [:], display: display).run() }
        try await eventually("bytes to arrive") { [server] in server.size(ofUpload: 0) > 100_000 ? () : nil }
        try await server.kill9()
        try await display.wait(for: "the cut to be told") { if case .trouble = $0 { true } else { false } }
        server = try await FaultyServer(port: port, folder: folder)
        try await display.wait(for: "the server to be back") { $0 == .recovered }
        first.cancel()
        let ending = try await within(.seconds(10)) { try await first.value }
        #expect(ending.isInterrupted)
        #expect(try await shooting.once(url).left == 0)
        #expect(server.content("slow.jpg") == data)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test("sends what comes while it watches, and new content under an old name")
    func watches() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let settings = try shooting.settings(server.url)
        let run = Task { try await Tether(settings, environment: [:], display: display).run() }
        defer { run.cancel() }
        try await display.wait(for: "the start") { if case .began = $0 { true } else { false } }
        try shooting.shoot("1.jpg")
        try await display.waitUntilSent(1)
        try FileManager.default.createDirectory(atPath: shooting.root + "/card", withIntermediateDirectories: true)
        try shooting.shoot("card/2.cr3")
        try await display.waitUntilSent(2)
        try FileManager.default.removeItem(atPath: shooting.root + "/1.jpg")
        try shooting.shoot("1.jpg", size: 5000)
        try await display.waitUntilSent(3)
        #expect(display.sent == ["1.jpg", "2.cr3", "1.jpg"])
    }

    @Test("does not send a file that somebody writes to, nor wait for ever for who forgets to close it")
    func open() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let path = shooting.root + "/a.jpg"
        let data = Data("anything".utf8)
        try data.write(to: URL(fileURLWithPath: path))
        let writer = Glibc.open(path, O_WRONLY | O_APPEND)
        defer { close(writer) }
        var tether = Tether(try shooting.settings(server.url), environment: [:], display: display)
        tether.patience.open = .seconds(4)
        let run = Task { [tether] in try await tether.run() }
        defer { run.cancel() }
        try await display.wait(for: "the start") { if case .began = $0 { true } else { false } }
        let began = ContinuousClock.now
        try await display.waitUntilSent(1)
        #expect(ContinuousClock.now - began > .seconds(3))
        #expect(server.content("a.jpg") == data)
    }

    @Test("waits until a file has stayed the same, where nobody tells who writes to it")
    func share() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        var tether = Tether(try shooting.settings(server.url), environment: [:], display: display)
        tether.writers = { _ in .unseen }
        let run = Task { [tether] in try await tether.run() }
        defer { run.cancel() }
        try await display.wait(for: "the start") { if case .began = $0 { true } else { false } }
        // A copy over the network: closed on this side or not, it grows for a while.
        var data = Data("anything".utf8)
        let path = shooting.root + "/a.jpg"
        var changed = ContinuousClock.now
        for _ in 0..<4 {
            data += Data("more".utf8)
            try data.write(to: URL(fileURLWithPath: path))
            changed = .now
            try await Task.sleep(for: .seconds(1.5))
        }
        #expect(server.requests.isEmpty)
        try await display.waitUntilSent(1)
        #expect(ContinuousClock.now - changed > .seconds(4))
        #expect(server.content("a.jpg") == data)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test("sends nothing again of a card whose files have other numbers and times, or that was copied")
    func renumbered() async throws {
        let (server, shooting) = (try await FaultyServer(), try Shooting())
        let data = try shooting.shoot("a.jpg")
        #expect(try await shooting.once(server.url) == TetherEnding(sent: 1))
        try FileManager.default.removeItem(atPath: shooting.root + "/a.jpg")
        for name in ["a.jpg", "copy.jpg"] { try data.write(to: URL(fileURLWithPath: shooting.root + "/" + name)) }
        #expect(try await shooting.once(server.url) == TetherEnding(sent: 2))
        #expect(server.requests.count { $0.hasPrefix("POST") } == 1)
    }

    @Test("goes on with the upload of a file that was replaced by itself, and ends that of one that is another now", arguments: [
        true, false,
    ])
    func replaced(isSame: Bool) async throws {
        var server = try await FaultyServer()
        let (shooting, display) = (try Shooting(), Recorder())
        var data = try shooting.shoot("slow.jpg", size: 3_000_000)
        let path = shooting.root + "/slow.jpg"
        let settings = try shooting.settings(server.url)
        let first = Task { try await Tether(settings, environment: [:], display: display).run() }
        try await eventually("bytes to arrive") { [server] in server.size(ofUpload: 0) > 100_000 ? () : nil }
        try await server.kill9()
        first.cancel()
        _ = try await within(.seconds(10)) { try await first.value }
        try FileManager.default.removeItem(atPath: path)
        server = try await FaultyServer(port: server.port, folder: server.folder)
        if !isSame { data[0] = 1 }
        try data.write(to: URL(fileURLWithPath: path))
        #expect(try await shooting.once(server.url).left == 0)
        #expect(server.content("slow.jpg") == data)
        #expect(server.requests.count { $0.hasPrefix("POST") } == (isSame ? 1 : 2))
        #expect(server.requests.count { $0.hasPrefix("DELETE") } == (isSame ? 0 : 1))
    }

    @Test("waits as long as a server asks that has too much to do, and calls that no outage")
    func patience() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        for number in 1...5 { try shooting.shoot("many\(number).jpg") }
        let began = ContinuousClock.now
        #expect(try await shooting.once(server.url, display) == TetherEnding(sent: 5))
        #expect(ContinuousClock.now - began > .seconds(2))
        #expect(display.events.elements.count { $0 == .waiting("Too many.") } == 1)
        #expect(!display.events.elements.contains { if case .trouble = $0 { true } else { $0 == .recovered } })
    }

    @Test("does not hold up a photo for an upload that a server is slow to end")
    func stuck() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let settings = try shooting.settings(server.url)
        let run = Task { try await Tether(settings, environment: [:], display: display).run() }
        defer { run.cancel() }
        try await display.wait(for: "the start") { if case .began = $0 { true } else { false } }
        try shooting.shoot("stuck-slow.jpg", size: 2_000_000)
        try await eventually("bytes to arrive") { server.size(ofUpload: 0) > 100_000 ? () : nil }
        let data = try shooting.shoot("stuck-slow.jpg", size: 100_000)
        try await display.events.wait(for: "the new content", within: .seconds(20)) { events, _ in
            events.contains { if case .sent(let file, _) = $0 { file.size == data.count } else { false } } ? () : nil
        }
        try await eventually("the old one to be ended") { server.requests.contains("DELETE stuck-slow.jpg stuck") ? () : nil }
        try shooting.shoot("next.jpg")
        try await display.events.wait(for: "the next photo", within: .seconds(20)) { events, _ in
            let names = events.compactMap { if case .sent(let file, _) = $0 { FileName.last(file.path) } else { nil } }
            return names.contains("next.jpg") ? () : nil
        }
    }

    @Test("works alone on its spool")
    func alone() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let settings = try shooting.settings(server.url)
        let run = Task { try await Tether(settings, environment: [:], display: display).run() }
        defer { run.cancel() }
        try await display.wait(for: "the start") { if case .began = $0 { true } else { false } }
        await #expect(throws: TetherFailure.self) { try await shooting.once(server.url) }
    }

    @Test("takes a hook's file, also one outside of its folder, and a hook does not fail without it")
    func hooks() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let settings = try shooting.settings(server.url)
        let hook = CameraHook(settings, environment: [:])
        let data = Data("anything".utf8)
        try data.write(to: URL(fileURLWithPath: shooting.folder.file("capt0000.jpg")))
        #expect(try !hook.take(shooting.folder.file("capt0000.jpg")))
        let run = Task { try await Tether(settings, environment: [:], display: display).run() }
        defer { run.cancel() }
        try await display.waitUntilSent(1)
        try Data("else".utf8).write(to: URL(fileURLWithPath: shooting.folder.file("capt0001.jpg")))
        #expect(try hook.take(shooting.folder.file("capt0001.jpg")))
        #expect(try hook.take(shooting.folder.file("missing.jpg")))
        try await display.waitUntilSent(2)
        #expect(server.content("capt0000.jpg") == data)
    }

    @Test("reads what gphoto2 says", arguments: [
        (["ACTION": "download", "ARGUMENT": "a.jpg"], CameraHook.Request.take("/d/a.jpg")),
        (["ACTION": "download", "ARGUMENT": "/x/a.jpg"], .take("/x/a.jpg")), (["ACTION": "download"], .nothing),
        (["ACTION": "download", "ARGUMENT": "../x/./a.jpg"], .take("/x/a.jpg")), (["ACTION": "init"], .nothing),
        (["ACTION": "start"], .nothing), (["ACTION": "stop"], .nothing), ([:], .nothing),
        (["ACTION": "future", "ARGUMENT": "a.jpg"], .nothing),
    ])
    func requests(environment: [String: String], expected: CameraHook.Request) {
        #expect(CameraHook.request(environment, in: "/d") == expected)
    }

    @Test("holds a photo that was cut until the rest has come")
    func half() async throws {
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let jpeg = Data([0xFF, 0xD8, 0xFF, 0xDA, 0, 3, 1] + [UInt8](repeating: 7, count: 50_000) + [0xFF, 0xD9])
        let path = shooting.root + "/half.jpg"
        try jpeg.prefix(20_000).write(to: URL(fileURLWithPath: path))
        let settings = try shooting.settings(server.url)
        let run = Task { try await Tether(settings, environment: [:], display: display).run() }
        defer { run.cancel() }
        try await display.wait(for: "it to be held") { if case .delayed = $0 { true } else { false } }
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: jpeg.dropFirst(20_000))
        try file.close()
        try await display.waitUntilSent(1)
        #expect(server.content("half.jpg") == jpeg)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
    }
}
