import Core
import Foundation
import NIOHTTP1
import TestSupport

/// Somebody at an event: what they see when they ask, and what their screen has made of what it was told.
struct Visitor: Sendable {
    let name: String
    var api: API
    /// `nil` for those who cannot follow the session.
    var screen: SocketClient?
    /// The topic that their screen draws.
    var topic = "session"

    /// The photos of a session, by the letters that they go by, or the status of a refusal.
    func sees(_ session: String, _ letters: [String: String]) async throws -> String {
        let answer = try await api.get("/api/photos?session=\(session)&limit=200")
        guard answer.status == 200 else { return String(answer.status) }
        return try answer.json.items.map { letters[try $0.text("id")] ?? "?" }.sorted().joined()
    }

    /// The photos that the screen shows after all that it was told, if it follows.
    func shows(_ letters: [String: String]) -> String? {
        guard let screen else { return nil }
        var shown: Set<String> = []
        for event in screen.events where event.topic?.hasPrefix(topic) == true {
            switch event.type {
            case "new_photo", "photo_status_updated": if let id = event.data["id"]?.stringValue { shown.insert(letters[id] ?? "?") }
            case "photo_deleted": if let id = event.data["photoId"]?.stringValue { shown.remove(letters[id] ?? "?") }
            default: break
            }
        }
        return shown.sorted().joined()
    }
}

/// A whole event with everybody who is there.
struct Wedding: Sendable {
    var shoot: Shoot
    var visitors: [Visitor] = []
    /// The letters that photos go by.
    var letters: [String: String] = [:]

    static let cast = ["ada", "bob", "gus", "ida", "uma", "nobody"]

    subscript(_ name: String) -> Visitor {
        get { visitors.first { $0.name == name }! }
        set { visitors[visitors.firstIndex { $0.name == name }!] = newValue }
    }

    func photo(_ letter: String) -> String { letters.first { $0.value == letter }!.key }

    /// Sends a photo and gives it a letter.
    mutating func send(_ letter: String, by name: String) async throws {
        let data = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), letters.count)
        let sender = Shoot(owner: self[name].api, id: shoot.id, code: shoot.code)
        let id = try await sender.upload(data, as: "\(letter).jpg")
        letters[id] = letter
        _ = try await shoot.settled(id)
    }

    /// What staff does to photos.
    func batch(_ action: String, _ wanted: String, by name: String = "ada", _ more: [String: JSONValue] = [:]) async throws {
        let ids = wanted.map { JSONValue.string(photo(String($0))) }
        let body: [String: JSONValue] = ["sessionId": .string(shoot.id), "photoIds": .array(ids), "action": .string(action)]
        let result = try await self[name].api.json(.POST, "/api/photos/batch", .object(body.merging(more) { $1 }))
        guard result["failed"] == 0 else { throw API.Unexpected(description: "\(action): \(result)") }
    }

    /// A row of the table: waits until everybody sees what they should, and every screen shows the same.
    func see(_ moment: String, _ expected: [String]) async throws {
        var found: [String] = []
        do {
            _ = try await eventually("\(moment): \(expected)", within: .seconds(20)) {
                found = []
                for visitor in visitors {
                    let seen = try await visitor.sees(shoot.id, letters)
                    let shown = visitor.shows(letters)
                    found.append(shown == nil || shown == seen ? seen : "\(seen), but the screen shows \(shown!)")
                }
                return found == expected ? true : nil
            }
        } catch let error as TimedOut {
            throw API.Unexpected(description: "\(error); \(found) in place of it")
        }
    }
}
