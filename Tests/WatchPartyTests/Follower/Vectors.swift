import Core
import Foundation
import Testing

/// `Vectors/follower.json`, which the tests of the web client read, too.
struct Vectors: Decodable, Sendable {
    struct Clock: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var probes: [[Double]]
        var offset: Double?
        var roundTrip: Double?
        var nextProbe: Double
        var testDescription: String { name }
    }

    struct Truth: Decodable, Sendable, CustomTestStringConvertible {
        struct Look: Decodable, Sendable {
            var now: Double
            var playing: Bool
            var place: Double
            var nextTurn: Double?
        }

        var name: String
        var states: [[String: JSONValue]]
        var looks: [Look]
        var testDescription: String { name }
    }

    struct Conduct: Decodable, Sendable, CustomTestStringConvertible {
        struct Step: Decodable, Sendable {
            var now: Double
            var state: [String: JSONValue]?
            var player: [String: JSONValue]
            var actions: [Told]
            var lookIn: Double?
        }

        var name: String
        var steps: [Step]
        var testDescription: String { name }
    }

    struct Told: Decodable, Sendable {
        var kind: String
        var rate: Double?
        var to: Double?
        var state: String?

        var action: FollowAction {
            switch kind {
            case "pause": .pause
            case "play": .play
            case "rate": .rate(rate ?? .nan)
            case "seek": .seek(to: to ?? .nan)
            default: .report(state ?? kind)
            }
        }
    }

    private struct Defaults: Decodable, Sendable { var state: [String: JSONValue], player: [String: JSONValue] }

    var clock: [Clock]
    var truth: [Truth]
    var follower: [Conduct]
    private var defaults: Defaults

    func state(_ given: [String: JSONValue]?) throws -> FollowedState { try filled(defaults.state, given) }
    func player(_ given: [String: JSONValue]) throws -> FollowedPlayer { try filled(defaults.player, given) }

    private func filled<Value: Decodable>(_ defaults: [String: JSONValue], _ given: [String: JSONValue]?) throws -> Value {
        let whole = defaults.merging(given ?? [:]) { $1 }
        return try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(whole))
    }

    static let shared: Vectors = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Vectors/follower.json")
        do { return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file)) } catch { fatalError("\(file.path): \(error)") }
    }()
}
