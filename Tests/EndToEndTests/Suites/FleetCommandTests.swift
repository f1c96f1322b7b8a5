import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// What operators do to a fleet by command, while it runs.
    @Suite(.enabled(if: Fleet.isPossible && Fixtures.has("orientation-1.jpg")))
    struct FleetCommandTests {
        @Test func `a command on the fleet's database ends well, time after time, also beside others`() async throws {
            let fleet = try await Fleet.stage()
            let callers = 4
            // The owner may have only so many keys, and others need some.
            let clerk = ["--email", "clerk@example.org", "--username", "clerk", "--role", "photographer", "--password-stdin"]
            #expect(try await fleet.command(["user", "create"] + clerk, input: Account.password + "\n").status == 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<callers {
                    group.addTask {
                        for _ in 0..<Scale.commands / callers {
                            let output = try await fleet.command(["key", "create", "--user", "clerk", "--scope", "read"])
                            #expect(output.status == 0, "\(output.err)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func `after a new history has begun, who comes back is told to read the list again`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let before = try await SocketClient.connect(port: fleet.port(1))
            let joined = try await before.join(shoot, code: true)
            let place = (epoch: try joined.text("epoch"), offset: Int64(joined.integer("offset") ?? 0))
            let photo = try await shoot.upload(
                Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 20), as: "before.jpg")
            _ = try await shoot.settled(photo)

            let renewed = try await fleet.command(["events", "renew"])
            #expect(renewed.status == 0, "\(renewed.err)")
            // Who was connected has to come again, at whichever server.
            try await before.closed(within: .seconds(30))
            for number in 1...2 {
                let state = try await eventually("server \(number) to have the new history", within: .seconds(30)) {
                    let again = try await SocketClient.connect(port: fleet.port(number))
                    let state = try await again.join(shoot, code: true, since: place)
                    await again.close()
                    return state["epoch"]?.stringValue != place.epoch ? state : nil
                }
                #expect(state["recovered"] == false)
            }
            #expect(try await shoot.photos().compactMap { $0["id"]?.stringValue } == [photo])
        }

        @Test func `a session is written down from S3 and PostgreSQL, and taken over into them`() async throws {
            let (fleet, folder) = (try await Fleet.stage(), try TemporaryFolder("transfer"))
            let shoot = try await Shoot.begin(fleet.owner, title: "Travelling")
            let jpeg = Fixtures.variant(of: try Fixtures.data("orientation-1.jpg"), 30)
            _ = try await shoot.settled(try await shoot.upload(jpeg, as: "travelling.jpg"))
            let account = ["--email", "taker@example.org", "--username", "taker", "--role", "photographer", "--password-stdin"]
            #expect(try await fleet.command(["user", "create"] + account, input: Account.password + "\n").status == 0)
            let written = try await fleet.command(["session", "export", shoot.code, "--to", folder.file("a.zip")])
            #expect(written.status == 0, "\(written.err)")
            let taken = try await fleet.command(["session", "import", folder.file("a.zip"), "--owner", "taker", "--json"])
            #expect(taken.status == 0, "\(taken.err)")
            let id = try JSON.decode(JSONValue.self, from: taken.out).text("session")
            let signedIn = try await fleet.owner.with(nil).json(
                .POST, "/api/auth/login", ["login": "taker", "password": .string(Account.password), "deviceName": "tests"])
            let taker = Shoot(owner: fleet.owner.with(try signedIn.text("accessToken")), id: id, code: "")
            let photo = try #require(try await taker.photos().first)
            #expect(try await taker.settled(try photo.text("id"))["status"] == "ready")
            #expect(try await taker.owner.get("/media/\(try photo.text("id"))/original").body.sha256 == jpeg.sha256)
        }
    }
}
