import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct OrientationTests {
        /// Red, green, blue and white: where the painter put them.
        private static let corners = [[254, 0, 0], [0, 255, 0], [0, 0, 254], [255, 255, 255]]

        @Test(.enabled(if: Fixtures.has("orientation-1.jpg", "orientation-8.jpg") && Picture.isPossible), arguments: 1...8)
        func `a photo is upright in every rendition`(orientation: Int) async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let id = try await shoot.upload(
                try Fixtures.data("orientation-\(orientation).jpg"), as: "orientation-\(orientation).jpg")
            let photo = try await shoot.settled(id)
            #expect(photo["status"] == "ready")
            #expect([photo.integer("width"), photo.integer("height")] == [600, 400])
            #expect(photo["exif"]?.integer("orientation") == orientation)
            let renditions = photo["renditions"]?.elements ?? []
            #expect(!renditions.isEmpty)
            for rendition in renditions { try await expectUpright(rendition, shoot.owner) }
        }

        private func expectUpright(_ rendition: JSONValue, _ api: API) async throws {
            let what = "\(rendition["name"]?.stringValue ?? "") \(rendition["format"]?.stringValue ?? "")"
            let bytes = try await api.with(nil).get(try rendition.text("url")).body
            let picture = try await Picture(bytes, extension: rendition["format"] == "webp" ? "webp" : "jpg").pixels()
            #expect(picture.width == rendition.integer("width"), "\(what)")
            #expect(picture.height == rendition.integer("height"), "\(what)")
            try #require(picture.width > picture.height && picture.height > 10, "\(what)")
            for (found, painted) in zip(picture.corners, Self.corners) {
                let distance = zip(found, painted).map { abs($0 - $1) }.max() ?? 255
                #expect(distance < 70, "\(what): \(found) instead of \(painted)")
            }
        }

        @Test(
            .enabled(if: Fixtures.has("landscape_3.jpg", "portrait_7.jpg")),
            arguments: [
                "landscape_1.jpg", "landscape_3.jpg", "landscape_6.jpg", "landscape_8.jpg", "portrait_5.jpg", "portrait_7.jpg",
            ])
        func `a camera's photo lies or stands as it was taken`(sample: String) async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let photo = try await shoot.settled(try await shoot.upload(try Fixtures.data(sample), as: sample))
            #expect(photo["status"] == "ready")
            let isLandscape = sample.hasPrefix("landscape")
            for rendition in [photo] + (photo["renditions"]?.elements ?? []) {
                let (width, height) = (rendition.integer("width") ?? 0, rendition.integer("height") ?? 0)
                #expect((width > height) == isLandscape, "\(width) x \(height)")
            }
        }
    }
}
