import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// The protocol's answer never depends on the content: it is the photo that fails.
    @Suite struct BrokenFileTests {
        enum Fate: Sendable { case failed, ready, damagedOrFailed }

        static let files: [(name: String, fate: Fate)] = [
            ("broken-bomb.png", .failed), ("broken-svg.jpg", .failed), ("broken-text.jpg", .failed),
            ("broken-truncated.mp4", .failed), ("broken-zero.jpg", .failed), ("broken-zeros.jpg", .failed),
            ("broken-truncated.jpg", .damagedOrFailed), ("broken-wrong-extension.png", .ready),
            ("corrupted.jpg", .damagedOrFailed), ("36-memory_error.jpg", .ready), ("67-0_length_string.jpg", .ready),
        ]

        @Test(arguments: files.filter { Fixtures.has($0.name) })
        func `a file that is no good is taken, and the photo says why it failed`(file: (name: String, fate: Fate)) async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let photo = try await shoot.settled(try await shoot.upload(try Fixtures.data(file.name), as: file.name))
            let status = photo["status"]?.stringValue
            switch file.fate {
            case .failed: #expect(status == "failed", "\(photo)")
            case .ready: #expect(status == "ready", "\(photo)")
            case .damagedOrFailed: #expect(status == "failed" || photo["isDamaged"] == true, "\(photo)")
            }
            if status == "failed" {
                #expect(photo["failure"]?["code"]?.stringValue?.isEmpty == false)
                #expect(photo["failure"]?["detail"]?.stringValue?.isEmpty == false)
                try await expectHidden(photo, shoot)
            }
            #expect(try await stage.server.api.get("/health").status == 200)
        }

        private func expectHidden(_ photo: JSONValue, _ shoot: Shoot) async throws {
            let guest = try await shoot.guest()
            #expect(try await guest.get("/api/photos/\(try photo.text("id"))").status == 404)
            #expect(try await guest.all("/api/photos?session=\(shoot.id)").isEmpty)
        }

        @Test(.enabled(if: Fixtures.has("broken-text.jpg")))
        func `a failed photo can be tried again, and one that is ready cannot`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let failed = try await shoot.upload(try Fixtures.data("broken-text.jpg"), as: "letter.jpg")
            #expect(try await shoot.settled(failed)["status"] == "failed")
            try await shoot.owner.json(.POST, "/api/photos/\(failed)/requeue", expecting: 204)
            #expect(try await shoot.settled(failed)["status"] == "failed")
            let ready = try await shoot.upload(try Fixtures.data("orientation-1.jpg"), as: "good.jpg")
            #expect(try await shoot.settled(ready)["status"] == "ready")
            let refused = try await shoot.owner.send(.POST, "/api/photos/\(ready)/requeue")
            #expect(refused.status == 409)
            #expect(refused.code == "not_failed")
        }
    }
}
