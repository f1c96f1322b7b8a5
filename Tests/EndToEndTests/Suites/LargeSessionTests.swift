import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// A session of very many photos.
    @Suite(.enabled(if: ["curl", "python3"].allSatisfy { Tool.program($0) != nil } && Fixtures.has("orientation-1.jpg")))
    struct LargeSessionTests {
        /// By so much a server grows at most for an archive of ten thousand photos, as is said to operators.
        private static let memory = 64 << 20

        @Test func `an archive of all of it begins at once and takes little memory`() async throws {
            let house = try await OpenHouse.open()
            let photo = try await house.add("orientation-1.jpg")
            try await house.server.terminate()
            try await house.server.multiply(photo, to: Scale.photos)
            try await house.server.restart()
            let session = try await house.shoot.owner.json(.GET, "/api/sessions/\(house.shoot.id)")
            #expect(session.integer("photoCount") == Scale.photos)
            for files in ["originals", "renditions"] { try await expectArchive(of: files, house) }
        }

        private func expectArchive(of files: String, _ house: OpenHouse) async throws {
            let url = try await house.guest.json(
                .POST, "/api/sessions/\(house.shoot.id)/archives", ["files": .string(files)], expecting: 201).text("url")
            let folder = try TemporaryFolder("archive")
            let archive = folder.file("photos.zip")
            let before = try house.server.forgetPeakMemory()
            let format = "%{http_code} %{time_starttransfer} %{time_total} %{size_download} %header{content-length}"
            let words = try await Tool("curl").output(["-sS", "-o", archive, "-w", format, house.server.url + url], within: .seconds(300))
                .split(separator: " ").map(String.init)
            let growth = try house.server.peakMemory() - before
            print(
                "\(Scale.photos) \(files): the first byte after \(words[1]) s, \(words[3]) bytes after \(words[2]) s,",
                "\(growth >> 10) KiB of memory")
            #expect(words[0] == "200" && words[3] == words[4])
            #expect(growth < Self.memory)
            let script = """
                import sys, zipfile
                archive = zipfile.ZipFile(sys.argv[1])
                print(len(set(archive.namelist())), archive.testzip())
                """
            #expect(try await Tool("python3").output(["-c", script, archive], within: .seconds(120)) == "\(Scale.photos) None\n")
        }
    }
}
