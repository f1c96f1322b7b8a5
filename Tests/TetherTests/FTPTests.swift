import Foundation
import TestSupport
import Testing

@testable import Tether

/// A Python with an FTP server.
private let python = PythonPackages(
    folder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".build/ftp-venv").path,
    packages: ["pyftpdlib"], modules: ["pyftpdlib"])

@Suite("A camera that speaks FTP", .enabled("needs pyftpdlib from the package index", { await python.interpreter() != nil }))
struct FTPTests {
    @Test("has its photo sent whole and once, also when its transfer is cut", arguments: ["STOR", "REST", "APPE"])
    func sent(way: String) async throws {
        let interpreter = try #require(await python.interpreter())
        let (server, shooting, display) = (try await FaultyServer(), try Shooting(), Recorder())
        let ftp = try await LocalFTP(root: shooting.root, python: interpreter)
        let settings = try shooting.settings(server.url)
        let run = Task { try await Tether(settings, environment: [:], display: display).run() }
        defer { run.cancel() }
        try await display.wait(for: "the start") { if case .began = $0 { true } else { false } }

        let jpeg = Data([0xFF, 0xD8, 0xFF, 0xDA, 0, 3, 1] + [UInt8](repeating: 7, count: 3_000_000) + [0xFF, 0xD9])
        let photo = shooting.folder.file("DSC_0001.JPG")
        try jpeg.write(to: URL(fileURLWithPath: photo))
        _ = try await Tool("python3").output(["-c", LocalFTP.camera, String(ftp.port), photo, "DSC_0001.JPG", way])
        try await display.waitUntilSent(1)
        #expect(server.content("DSC_0001.JPG") == jpeg)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
    }
}
