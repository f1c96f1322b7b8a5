import Core
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// A server that tests may end and start, with a session of a test's own whose guests may save everything, and a guest in it.
struct OpenHouse: Sendable {
    let server: ServerProcess
    let shoot: Shoot
    let guest: API

    private static let shared = Once { try await ServerProcess.start() }

    /// However another test has left the server.
    static func open() async throws -> OpenHouse {
        let server = try await shared.value
        if await !isPlain(server) {
            try await server.terminate()
            try await server.restart()
        }
        // Nothing is taken out of what is not hidden: files leave as they are.
        let settings: JSONValue = ["guestDownloads": true, "showLocation": true]
        let shoot = try await Shoot.begin(try server.newcomer(), settings: settings)
        return OpenHouse(server: server, shoot: shoot, guest: try await shoot.guest())
    }

    /// Whether it answers over cleartext; a client that does not trust a certificate would ask again and again.
    private static func isPlain(_ server: ServerProcess) async -> Bool {
        if server.url.hasPrefix("https:") { return false }
        return (try? await server.api.send(.GET, "/health/live", within: .seconds(1)))?.status == 200
    }

    var anonymous: API { guest.with(nil) }

    /// Sends a picture that no other is equal to.
    /// - Returns: the photo's id, once it is ready.
    func add(_ fixture: String) async throws -> String {
        let id = try await shoot.upload(Fixtures.variant(of: try Fixtures.data(fixture), 0), as: fixture)
        let photo = try await shoot.settled(id)
        guard photo["status"] == "ready" else { throw Tool.Failure(description: "\(fixture): \(photo)") }
        return id
    }

    /// The URL of a photo's original with the guest's grant.
    func original(_ photo: String) async throws -> String {
        let seen = try await guest.json(.GET, "/api/photos/\(photo)")
        return try (seen["original"] ?? .null).text("url")
    }

    /// The same of a JPEG rendition.
    func rendition(_ name: String, _ photo: String, of guest: API? = nil) async throws -> String {
        let seen = try await (guest ?? self.guest).json(.GET, "/api/photos/\(photo)")
        let found = seen["renditions"]?.elements.first { $0["name"]?.stringValue == name && $0["format"] == "jpeg" }
        return try (found ?? .null).text("url")
    }
}
