import Core
import Foundation
import NIOHTTP1
import TestSupport

/// A film that is watched together: a party of the host's with one film in its queue, or more.
struct Screening: Sendable {
    let host: API
    let id: String
    let code: String
    /// The films' photos.
    let films: [String]

    /// Makes the films, sends them into a session of the host's, and opens a party with them.
    /// - Parameter seconds: of each film.
    static func open(_ host: API, seconds: [Int] = [60], settings: [String: JSONValue] = [:]) async throws -> Screening {
        let shoot = try await Shoot.begin(host, title: "Cinema")
        var films: [String] = []
        for (number, length) in seconds.enumerated() {
            films.append(try await shoot.upload(try await film(of: length, number), as: "film-\(number).mp4", type: "video/mp4"))
        }
        for film in films {
            guard try await shoot.settled(film)["status"] == "ready" else { throw Tool.Failure(description: "\(film) is not ready") }
        }
        var wish = settings
        (wish["title"], wish["mediaIds"]) = ("Friday", .array(films.map { .string($0) }))
        let party = try await host.json(.POST, "/api/parties", .object(wish), expecting: 201)
        return Screening(host: host, id: try party.text("id"), code: try party.text("accessCode"), films: films)
    }

    /// H.264 at a constant rate, so that a long one is not fetched ahead as a whole.
    private static func film(of seconds: Int, _ number: Int) async throws -> Data {
        let folder = try TemporaryFolder("film")
        let path = folder.file("film.mp4")
        _ = try await Tool("ffmpeg").output([
            "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=\(seconds)", "-c:v", "libx264", "-preset",
            "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-b:v", "1M", "-minrate", "1M", "-maxrate", "1M", "-bufsize", "1M",
            "-x264-params", "nal-hrd=cbr", "-metadata", "title=\(number)", "-movflags", "+faststart", path,
        ], within: .seconds(120))
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// A client with the token of a guest who has come in by the code.
    func guest(_ name: String) async throws -> API {
        let entry = try await host.with(nil).json(.POST, "/api/access", ["accessCode": .string(code), "name": .string(name)])
        return host.with(try entry.text("token"))
    }

    /// The truth.
    var state: JSONValue { get async throws { try await host.json(.GET, "/api/parties/\(id)/state") } }

    /// Carries out a command by the truth there is.
    @discardableResult
    func order(_ action: String, _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
        var order = more
        (order["action"], order["sequence"]) = (.string(action), try await state["sequence"] ?? 0)
        return try await host.json(.POST, "/api/parties/\(id)/commands", .object(order))
    }
}
