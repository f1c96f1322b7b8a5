import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Clients that are cut off wherever it happens, and go on.
    @Suite(.enabled(if: Fixtures.has("large-24mp.jpg", "demo-01.jpg"))) struct ResumptionTests {
        /// A program that goes on with what it has.
        enum Client: String, Sendable, CaseIterable {
            case curl, wget

            static var installed: [Client] { allCases.filter { Tool.program($0.rawValue) != nil } }

            func arguments(_ url: String, _ path: String) -> [String] {
                switch self {
                case .curl: ["-fsS", "-C", "-", "--limit-rate", "20M", "-o", path, url]
                case .wget: ["-q", "--continue", "--limit-rate=20m", "-O", path, url]
                }
            }
        }

        /// Fetches a file with a client that is killed at places that nobody has chosen.
        private static func fetch(_ url: String, of size: Int, with client: Client, in folder: TemporaryFolder) async throws -> Data {
            let (path, tool) = (folder.file("\(UUID())"), try Tool(client.rawValue))
            let arguments = client.arguments(url, path)
            let bytes = { ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? 0 }
            var places: [Int] = []
            for place in (0..<Scale.interruptions).map({ _ in Int.random(in: 1..<size * 9 / 10) }).sorted() {
                let child = try Child(tool.path, arguments, output: folder.file("out"), errors: folder.file("err"))
                try await eventually("\(place) bytes", every: .milliseconds(2)) { bytes() >= place || child.ending != nil ? () : nil }
                child.signal(SIGKILL)
                _ = try await child.ended(within: .seconds(10))
                places.append(bytes())
            }
            #expect(places.contains { (1..<size).contains($0) }, "\(client) was never in the middle: \(places)")
            if bytes() < size { _ = try await tool.output(arguments) }
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }

        @Test(arguments: Client.installed)
        func `an original that was cut off is whole in the end`(client: Client) async throws {
            let settings: JSONValue = ["guestDownloads": true, "showLocation": true]
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI, settings: settings)
            let data = Fixtures.variant(of: try Fixtures.data("large-24mp.jpg"), 0)
            let id = try await shoot.upload(data, as: "large.jpg")
            let guest = try await shoot.guest()
            let url = try await eventually("the original") {
                try await guest.get("/api/photos/\(id)").json["original"]?["url"]?.stringValue
            }
            let fetched = try await Self.fetch(shoot.owner.base + url, of: data.count, with: client, in: TemporaryFolder("resumed"))
            #expect(fetched.sha256 == data.sha256)
        }

        @Test(.enabled(if: Tool.program("unzip") != nil && Tool.program("python3") != nil), arguments: Client.installed)
        func `an archive that was cut off is whole in the end`(client: Client) async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let files = try ["large-24mp.jpg", "demo-01.jpg"].map { Fixtures.variant(of: try Fixtures.data($0), 0) }
            for (number, file) in files.enumerated() { _ = try await shoot.upload(file, as: "\(number).jpg") }
            try await eventually("both photos") { try await shoot.photos().count == files.count ? () : nil }
            let path = try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/archives", [:], expecting: 201).text("url")
            let whole = try await shoot.owner.with(nil).get(path)
            try #require(whole.status == 200)
            let folder = try TemporaryFolder("resumed")
            let fetched = try await Self.fetch(shoot.owner.base + path, of: whole.body.count, with: client, in: folder)
            #expect(fetched.sha256 == whole.body.sha256)

            let archive = folder.file("photos.zip")
            try fetched.write(to: URL(fileURLWithPath: archive))
            _ = try await Tool("unzip").output(["-tq", archive])
            let script = """
                import hashlib, sys, zipfile
                archive = zipfile.ZipFile(sys.argv[1])
                assert archive.testzip() is None
                print(*(hashlib.sha256(archive.read(name)).hexdigest() for name in ("0.jpg", "1.jpg")))
                """
            let hashes = try await Tool("python3").output(["-c", script, archive])
            #expect(hashes == files.map(\.sha256).joined(separator: " ") + "\n")
        }
    }
}
