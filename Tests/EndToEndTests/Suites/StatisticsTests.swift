import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What guests looked at and saved, as their photographer is told.
    @Suite(.enabled(if: Fixtures.has("orientation-1.jpg"))) struct StatisticsTests {
        /// What is expected of the statistics.
        private struct Count: Equatable {
            var views: Int
            var downloads: Int

            init(_ views: Int, _ downloads: Int) { (self.views, self.downloads) = (views, downloads) }

            init(_ json: JSONValue?) { self.init(json?.integer("views") ?? -1, json?.integer("downloads") ?? -1) }
        }

        /// The session, the link, and the photos, the most viewed first.
        private static func counts(_ house: OpenHouse) async throws -> [Count] {
            let found = try await house.shoot.owner.json(.GET, "/api/sessions/\(house.shoot.id)/statistics")
            return [Count(found), Count(found["links"]?.elements.first)] + (found["mostViewed"]?.elements ?? []).map { Count($0) }
        }

        @Test func `what was looked at and saved is counted, once, also right before the server ends`() async throws {
            let house = try await OpenHouse.open()
            let (owner, anonymous, session) = (house.shoot.owner, house.anonymous, "/api/sessions/\(house.shoot.id)")
            let photos = [try await house.add("orientation-1.jpg"), try await house.add("orientation-1.jpg")]
            let link = try await owner.json(.POST, "\(session)/links", ["name": "Family", "rights": ["original"]], expecting: 201)
            let door = "/api/links/\(TusClient.id(of: try link.text("url")))/enter"
            let bo = owner.with(try await anonymous.json(.POST, door, [:]).text("token"))
            func get(_ url: String, _ headers: [(String, String)] = [], expecting status: Int = 200) async throws {
                #expect(try await anonymous.get(url, headers).status == status, "\(url.prefix(80)) \(headers)")
            }

            // The first goes through the routes, what follows at once through none.
            let medium = try await house.rendition("medium", photos[0])
            for _ in 0..<3 { try await get(medium) }
            let large = try await house.rendition("large", photos[0])
            try await get(large, [("Range", "bytes=0-9")], expecting: 206)
            try await get(large, [("Range", "bytes=10-")], expecting: 206)
            let tag = try #require(try await anonymous.send(.HEAD, large)["ETag"])
            try await get(large, [("If-None-Match", tag)], expecting: 304)
            try await get(try await house.rendition("thumb", photos[0]))
            try await get(medium + "&download=1")
            let original = try await house.original(photos[0])
            for _ in 0..<2 { try await get(original) }
            try await get(original, [("Range", "bytes=5-")], expecting: 206)
            // By the link.
            let theirs = try await house.rendition("medium", photos[1], of: bo)
            for _ in 0..<2 { try await get(theirs) }
            try await get(try await house.rendition("medium", photos[1], of: bo) + "&download=1")
            // An archive is a download, of no photo.
            let archive = "\(session)/archive?grant=\(original.components(separatedBy: "?grant=").last ?? "")"
            try await get(archive)
            try await get(archive, [("Range", "bytes=1000-")], expecting: 206)
            #expect(try await bo.get("\(session)/archive").status == 200)
            // Staff is not counted, neither by name nor by URL.
            try await get(try await house.rendition("medium", photos[1], of: owner))
            for path in ["/media/\(photos[1])/original", "\(session)/archive"] { #expect(try await owner.get(path).status == 200) }

            var expected = [Count(6, 6), Count(2, 2), Count(4, 3), Count(2, 1)]
            try await eventually("\(expected)", within: .seconds(20)) { try await Self.counts(house) == expected ? () : nil }
            let facts = try await owner.json(.GET, "\(session)/statistics")
            #expect(facts["guests"] == 2 && facts["photos"] == ["ready": 2])

            for _ in 0..<2 { try await get(medium) }
            try await get(original)
            try await get(archive)
            try await get(theirs)
            #expect(try await house.server.terminate() == .exited(0))
            try await house.server.restart()
            expected = [Count(9, 8), Count(3, 2), Count(6, 4), Count(3, 1)]
            #expect(try await Self.counts(house) == expected)
        }
    }
}
