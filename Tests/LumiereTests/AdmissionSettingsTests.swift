import Core
import Foundation
import Ingest
import Testing
import WebServer

@testable import Lumiere

@Suite("Settings of what may come in")
struct AdmissionSettingsTests {
    private func read(json: String) async throws -> Settings {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("admission-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(json.utf8).write(to: file)
        return try await Settings.read(flags: [:], file: file.path)
    }

    @Test("nothing is limited that nobody sets, but the connections of an address")
    func defaults() async throws {
        let settings = try await Settings.read(flags: [:], file: nil)
        #expect([settings.ingest.sessionQuota, settings.ingest.accountQuota, settings.ingest.grantQuota].allSatisfy { $0 == .unlimited })
        #expect(settings.server.limits.connectionsPerAddress == 1024)
        #expect(settings.media == MediaRules())
    }

    @Test("quotas, connections and types come from the file, side by side with their neighbours")
    func file() async throws {
        let settings = try await read(
            json: """
                {"server": {"connections": 50, "address": {"connections": 7}},
                 "ingest": {"quota": {"session": {"files": 10, "mebibytes": 2, "uploads": 3}, "key": {"uploads": 1}},
                            "transfers": 9, "uploader": {"transfers": 4},
                            "types": ["image/*", "video/mp4"], "type": {"mebibytes": ["image/*=5", "image/x-*=9"]}}}
                """)
        #expect(settings.server.maximumConnections == 50 && settings.server.limits.connectionsPerAddress == 7)
        #expect(settings.ingest.sessionQuota == UploadQuota(files: 10, bytes: 2 << 20, open: 3))
        #expect(settings.ingest.maxTransfers == 9 && settings.ingest.transfersPerUploader == 4)
        #expect(settings.ingest.accountQuota == .unlimited)
        #expect(settings.ingest.grantQuota == UploadQuota(open: 1))
        #expect(settings.media.judge("video/mp4", size: 1 << 40) == .welcome)
        #expect(settings.media.judge("video/webm", size: 1) == .unwanted)
        #expect(settings.media.judge("image/x-sony-arw", size: 6 << 20) == .tooLarge(limit: 5 << 20))
    }

    @Test("flags are lists by commas")
    func flags() async throws {
        let settings = try await Settings.read(
            flags: ["ingest.types": "image/jpeg,image/x-*", "ingest.type.mebibytes": "image/*=1"], file: nil)
        #expect(settings.media.judge("image/png", size: 1) == .unwanted)
        #expect(settings.media.judge("image/jpeg", size: 2 << 20) == .tooLarge(limit: 1 << 20))
    }

    @Test("what makes no sense is a fault", arguments: [
        ("ingest.types", "image/svg+xml"), ("ingest.types", "photos"), ("ingest.type.mebibytes", "image/*"),
        ("ingest.type.mebibytes", "image/*=0"), ("ingest.type.mebibytes", "text/*=1"), ("ingest.quota.key.uploads", "0"),
        ("ingest.quota.session.mebibytes", "-1"), ("server.address.connections", "0"),
    ])
    func faults(key: String, value: String) async {
        let error = await #expect(throws: SettingsError.self) { try await Settings.read(flags: [key: value], file: nil) }
        #expect(error?.description.contains(key) == true)
    }
}
