import Accounts
import Core
import Delivery
import Foundation
import Ingest
import ObjectStore
import Processing
import Testing
import WebServer

@testable import Lumiere

@Suite("Settings")
struct SettingsTests {
    /// A program that exists, for settings that need a decoder.
    static let decoder = ["decoder.path": "/bin/true"]

    @Test("without anything set, the server listens on loopback, port 8080")
    func defaults() async throws {
        let settings = try await Settings.read(flags: Self.decoder, file: nil)
        #expect(settings.server.host == "127.0.0.1" && settings.server.port == 8080)
        #expect(settings.ingest.durability == .strict)
    }

    @Test("flags win over the file")
    func precedence() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(#"{"server":{"port":9000,"host":"0.0.0.0"},"ingest":{"durability":"relaxed"}}"#.utf8).write(to: file)
        let flags = Self.decoder.merging(["server.port": "9001"]) { _, new in new }
        let settings = try await Settings.read(flags: flags, file: file.path)
        #expect(settings.server.port == 9001 && settings.server.host == "0.0.0.0")
        #expect(settings.ingest.durability == .relaxed)
    }

    @Test("films are encoded anew only where that is wanted, as is said")
    func films() async throws {
        #expect(try await Settings.read(flags: Self.decoder, file: nil).filmEncoding == nil)
        let flags = [
            "video.transcode": "h264", "video.lines": "720", "video.quality": "20", "video.preset": "medium", "video.threads": "3",
            "video.hours": "2",
        ]
        let configuration = try await Settings.read(flags: flags.merging(Self.decoder) { $1 }, file: nil).processing
        #expect(configuration.filmEncoding == FilmEncoding(maximumLines: 720, rateFactor: 20, preset: .medium, threads: 3))
        #expect(configuration.filmTimeLimit == .seconds(7200))
        let wrong = ["video.transcode": "av1", "video.lines": "10", "video.quality": "99", "video.preset": "best", "video.threads": "0"]
        let error = await #expect(throws: SettingsError.self) { try await Settings.read(flags: wrong, file: nil) }
        for name in wrong.keys { #expect(error?.description.contains(name) == true) }
    }

    @Test("passwords cost what is said, and never next to nothing", arguments: [("14", 14), ("20", 20), ("13", nil), ("21", nil)] as [(String, Int?)])
    func passwords(text: String, cost: Int?) async throws {
        #expect(try await Settings.read(flags: Self.decoder, file: nil).accounts.passwordCost == 17)
        let flags = Self.decoder.merging(["accounts.password.cost": text]) { $1 }
        if let cost {
            #expect(try await Settings.read(flags: flags, file: nil).accounts.passwordCost == cost)
        } else {
            await #expect(throws: SettingsError.self) { try await Settings.read(flags: flags, file: nil) }
        }
    }

    @Test("large files are left to a proxy that is trusted, and to nobody else")
    func accel() async throws {
        let plain = try await Settings.read(flags: Self.decoder, file: nil).delivery
        #expect(plain.offload == nil && plain.clientRate == 0)
        let flags = ["data": "/srv/lumiere", "delivery.accel": "/_objects/", "delivery.client.kibibytes": "512", "server.trusted.proxies": "::1"]
        let delivery = try await Settings.read(flags: flags, file: nil).delivery
        #expect(delivery.offload == .init(prefix: "/_objects/", root: "/srv/lumiere/objects") && delivery.clientRate == 512 << 10)
        #expect(try await Settings.read(flags: ["delivery.accel": "off"], file: nil).delivery.offload == nil)
        for wrong in ["/_objects", "_objects/", "/a/b/", "/../", "/a b/", "//", "on"] {
            await #expect(throws: SettingsError.self, "\(wrong)") {
                try await Settings.read(flags: ["delivery.accel": wrong, "server.trusted.proxies": "::1"], file: nil)
            }
        }
        let error = await #expect(throws: SettingsError.self) { try await Settings.read(flags: ["delivery.accel": "/_objects/"], file: nil) }
        #expect(error?.description.contains("server.trusted.proxies") == true)
    }

    @Test("every fault is named, all at once")
    func faults() async throws {
        let flags = [
            "server.port": "70000", "decoder.count": "none", "ingest.durability": "maybe", "log.level": "loud",
            "server.public.url": "nonsense", "metrics.public": "perhaps",
        ]
        do {
            _ = try await Settings.read(flags: flags, file: nil)
            Issue.record("the settings were accepted")
        } catch let error as SettingsError {
            for name in flags.keys { #expect(error.description.contains(name)) }
        }
    }

    @Test("a server needs a decoder, the commands do not")
    func decoderProgram() async throws {
        let settings = try await Settings.read(flags: ["decoder.path": "/nowhere"], file: nil)
        #expect(throws: SettingsError.self) { try settings.requireDecoder() }
    }

    @Test("a file that is no JSON is a fault, not a crash")
    func malformedFile() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("port: 80".utf8).write(to: file)
        await #expect(throws: SettingsError.self) { try await Settings.read(flags: [:], file: file.path) }
    }

    @Test("a second server does not start on the same data")
    func dataLock() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lock-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lock = try DataLock(folder: folder)
        #expect(throws: SettingsError.self) { try DataLock(folder: folder) }
        withExtendedLifetime(lock) {}
    }

    @Test("how bodies are guarded on their way to S3 can be chosen", arguments: [
        (nil, "auto"), ("auto", "auto"), ("signed", "signed"), ("unsigned", "unsigned"), ("perhaps", nil),
    ] as [(String?, String?)])
    func payload(choice: String?, kept: String?) async throws {
        var flags = Self.decoder.merging([
            "s3.endpoint": "http://127.0.0.1:9000", "s3.bucket": "lumiere", "s3.access.key": "key", "s3.secret.key": "secret",
        ]) { first, _ in first }
        flags["s3.payload"] = choice
        guard let kept else {
            let error = await #expect(throws: SettingsError.self) { try await Settings.read(flags: flags, file: nil) }
            #expect(error?.faults == ["s3.payload must be one of auto, signed, unsigned, not perhaps."])
            return
        }
        #expect(try await Settings.read(flags: flags, file: nil).storage.s3?.payload.rawValue == kept)
    }

    @Test("what a fleet needs is asked for", arguments: [
        (["database.url": "mysql://x"], "database.url must begin with postgresql://."),
        (["database.url": "postgresql://x"], "signing.keys must be set"),
        (["signing.keys": "short"], "signing.keys must have 32 characters"),
        (["redis.url": "redis://x"], "redis.url needs database.url"),
        (["redis.url": "redis://x"], "s3.endpoint or a shared.folder"),
        (["redis.url": "http://x"], "redis.url: the scheme"), (["s3.endpoint": "https://x"], "S3: "),
        (["server.trusted.proxies": "anybody"], "server.trusted.proxies must be"),
        (["server.tls.key": "key.pem"], "server.tls.certificate and server.tls.key are set both or neither."),
        (["webhooks.denied": "10.0.0.0/8,nobody"], "webhooks.denied must be"),
    ])
    func fleet(flags: [String: String], fault: String) async throws {
        let error = try await #require(throws: SettingsError.self) { try await Settings.read(flags: flags, file: nil) }
        #expect(error.faults.contains { $0.hasPrefix(fault) || $0.contains(fault) }, "\(error.faults)")
    }

    @Test("a folder that is not the database's is not taken for it")
    func sharedFolder() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("shared-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = SharedFolder(path: path)
        #expect(throws: SettingsError.self) { try folder.require("house", isNew: false) }
        try folder.require("house", isNew: true)
        try folder.require("house", isNew: false)
        #expect(throws: SettingsError.self) { try folder.require("another", isNew: true) }
    }
}
