import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What is taken back at one server opens nothing at any, also for those who had it open a moment ago.
    @Suite(.enabled(if: Fleet.isPossible && Fixtures.has("orientation-1.jpg"))) struct RevocationTests {
        private static let limit: Duration = .seconds(2)

        /// One way to fetch a picture.
        private struct Way: Sendable {
            var name: String
            var path: String
            var headers: [(String, String)] = []
            /// What is answered once it is closed.
            var refusal = 401

            static func bearer(_ name: String, _ path: String, _ token: String?, refusal: Int = 401) -> Way {
                Way(name: "\(name)'s bearer", path: path, headers: [("Authorization", "Bearer \(token ?? "")")], refusal: refusal)
            }

            /// Those of a guest who has just come in, and asked for a cookie.
            static func all(_ name: String, _ path: String, _ entry: Answer) throws -> [Way] {
                let cookie = try #require(entry["Set-Cookie"]).components(separatedBy: ";")[0]
                return [
                    Way(name: "\(name)'s URL", path: "\(path)?grant=\(try entry.json.text("mediaToken"))"),
                    Way(name: "\(name)'s cookie", path: path, headers: [("Cookie", cookie)]),
                    .bearer(name, path, try entry.json.text("token")),
                ]
            }
        }

        /// A picture on two servers, and everybody who can see it.
        private struct Stage {
            var fleet: Fleet
            var shoot: Shoot
            var path: String

            static func build() async throws -> Stage {
                let fleet = try await Fleet.stage()
                let shoot = try await Shoot.begin(fleet.owner)
                let id = try await shoot.upload(Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 0), as: "a.jpg")
                let medium = try await shoot.settled(id)["renditions"]?.elements.first { $0["name"] == "medium" }
                let path = try (medium ?? .null).text("url").components(separatedBy: "?")[0]
                return Stage(fleet: fleet, shoot: shoot, path: path)
            }

            func makeLink() async throws -> (path: String, token: String) {
                let path = "/api/sessions/\(shoot.id)/links"
                let link = try await shoot.owner.json(.POST, path, ["name": "spare"], expecting: 201)
                return ("\(path)/\(try link.text("id"))", TusClient.id(of: try link.text("url")))
            }

            func enter(_ name: String, by link: String) async throws -> [Way] {
                let input: JSONValue = ["name": .string(name), "cookie": true]
                return try Way.all(name, path, await fleet.owner(at: 1).with(nil).send(.POST, "/api/links/\(link)/enter", json: input))
            }

            func enterByCode(_ name: String) async throws -> [Way] {
                let input: JSONValue = ["accessCode": .string(shoot.code), "cookie": true]
                let door = "/api/sessions/\(shoot.id)/verify"
                return try Way.all(name, path, await fleet.owner(at: 2).with(nil).send(.POST, door, json: input))
            }

            /// Somebody else's account, as a member.
            func admit(_ name: String) async throws -> (account: String, ways: [Way]) {
                let unique = name + String(UUID().uuidString.prefix(8)).lowercased()
                let input: JSONValue = [
                    "email": .string("\(unique)@example.org"), "username": .string(unique), "password": .string(Account.password),
                ]
                let signIn = try await shoot.owner.with(nil).json(.POST, "/api/auth/register", input, expecting: 201)
                let (account, token) = (try (signIn["user"] ?? .null).text("id"), try signIn.text("accessToken"))
                try await fleet.execute(Membership.making(of: account, in: shoot.id, [.view, .download]))
                let photo = try await shoot.owner.with(token).json(.GET, "/api/photos?session=\(shoot.id)").items.first
                let url = try (photo?["renditions"]?.elements.first ?? .null).text("url")
                return (account, [.bearer(name, path, token, refusal: 404), Way(name: "\(name)'s URL", path: url)])
            }

            func status(_ way: Way, at server: Int) async throws -> Int {
                try await fleet.owner(at: server).with(nil).get(way.path, way.headers).status
            }

            /// Takes something back, and expects that some ways end at both servers and the others go on.
            func expectEnd(
                of ended: [Way], not others: [Way], _ what: String, _ revoke: () async throws -> Void
            ) async throws {
                for way in ended + others + ended {
                    for server in 1...2 { #expect(try await status(way, at: server) == 200, "\(way.name) before \(what)") }
                }
                try await revoke()
                let revokedAt = ContinuousClock.now
                var latest = Duration.zero
                try await eventually("the end of \(ended.map(\.name)) after \(what)", within: .seconds(10), every: .milliseconds(10)) {
                    var isOpen = false
                    for way in ended {
                        for server in 1...2 {
                            let asked = revokedAt.duration(to: .now)
                            let status = try await status(way, at: server)
                            if status != way.refusal { (isOpen, latest) = (true, asked) }
                        }
                    }
                    return isOpen ? nil : ()
                }
                #expect(latest < RevocationTests.limit, "\(what)")
                print("\(what): open at one of two servers for \(latest)")
                for way in others {
                    for server in 1...2 { #expect(try await status(way, at: server) == 200, "\(way.name) after \(what)") }
                }
            }
        }

        @Test func `what is taken back ends at both servers within two seconds, and nothing else does`() async throws {
            let stage = try await Stage.build()
            let (fleet, shoot, path) = (stage.fleet, stage.shoot, stage.path)
            let (link, other) = (try await stage.makeLink(), try await stage.makeLink())
            let bo = try await stage.enter("Bo", by: link.token)
            let cy = try await stage.enter("Cy", by: other.token)
            let gus = try await stage.enterByCode("Gus")
            let friend = try await stage.admit("friend")
            let device = try await fleet.signedIn()
            let input: JSONValue = ["name": "spare", "scopes": ["read"]]
            let made = try await device.json(.POST, "/api/keys", input, expecting: 201)
            let (key, signedIn) = (Way.bearer("the key", path, try made.text("key")), Way.bearer("the device", path, device.token))
            let owner = Way.bearer("the owner", path, shoot.owner.token)

            try await stage.expectEnd(of: bo, not: cy + gus + friend.ways + [key, signedIn, owner], "a link is removed") {
                try await fleet.owner(at: 1).json(.DELETE, link.path, expecting: 204)
            }
            try await stage.expectEnd(of: friend.ways, not: cy + gus + [key, signedIn, owner], "a membership ends") {
                try await fleet.execute(Membership.ending(of: friend.account, in: shoot.id))
            }
            try await stage.expectEnd(of: [key], not: cy + gus + [signedIn, owner], "a key is revoked") {
                try await fleet.owner(at: 1).with(device.token).json(.DELETE, "/api/keys/\(try made.text("id"))", expecting: 204)
            }
            try await stage.expectEnd(of: [signedIn], not: cy + gus + [owner], "a device is signed out") {
                try await fleet.owner(at: 2).with(device.token).json(.POST, "/api/auth/logout", expecting: 204)
            }
            try await stage.expectEnd(of: gus, not: cy + [owner], "the access code is another one") {
                let code = JSONValue.string(String(UUID().uuidString.prefix(12)))
                try await fleet.owner(at: 2).json(.PUT, "/api/sessions/\(shoot.id)", ["accessCode": code])
            }
            let guests = try await shoot.owner.json(.GET, "/api/sessions/\(shoot.id)/guests").items
            let guest = try #require(guests.first { $0["name"] == "Cy" }).text("id")
            try await stage.expectEnd(of: cy, not: [owner], "a guest is shown out") {
                try await fleet.owner(at: 1).json(.DELETE, "/api/sessions/\(shoot.id)/guests/\(guest)", expecting: 204)
            }
        }
    }
}
