import Core
import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Several nodes as one.
    @Suite(.enabled(if: Fleet.isPossible && Fixtures.has("large-24mp.jpg", "orientation-1.jpg", "gps.jpg")))
    struct FleetTests {
        private static let big = "large-24mp.jpg"

        /// A guest at each server.
        private func guests(_ fleet: Fleet, _ shoot: Shoot) async throws -> [SocketClient] {
            var guests: [SocketClient] = []
            for number in 1...2 {
                let guest = try await SocketClient.connect(port: fleet.port(number))
                try await guest.join(shoot, code: true)
                guests.append(guest)
            }
            return guests
        }

        private func expectArrival(of photo: String, at guests: [SocketClient]) async throws {
            for guest in guests {
                _ = try await guest.event("new_photo") { $0.data["id"]?.stringValue == photo }
                _ = try await guest.event("photo_status_updated", within: .seconds(90)) {
                    $0.data["id"]?.stringValue == photo && $0.data["status"] == "ready"
                }
                _ = try await guest.ask("ping")
                let arrivals = guest.events.filter { $0.type == "new_photo" && $0.data["id"]?.stringValue == photo }
                #expect(arrivals.count == 1)
            }
        }

        private func expectOriginal(_ photo: String, _ data: Data, _ owner: API) async throws {
            let answer = try await owner.get("/media/\(photo)/original")
            #expect(answer.status == 200)
            #expect(answer.body.sha256 == data.sha256)
        }

        @Test(.enabled("needs tuspy from the package index", { await Venv.python() != nil }))
        func `a stock client's chunks go through nginx to both servers, and guests of both see the photo`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let guests = try await guests(fleet, shoot)
            let script = """
                import sys
                from tusclient import client
                url, token, session, path = sys.argv[1:]
                tus = client.TusClient(url + "/api/uploads", headers={"Authorization": "Bearer " + token})
                metadata = {"session": session, "filename": "large.jpg", "filetype": "image/jpeg"}
                uploader = tus.uploader(path, chunk_size=1 << 20, metadata=metadata)
                uploader.upload()
                print(uploader.url)
                """
            let python = try #require(await Venv.python())
            let output = try await Tool(python).output([
                "-c", script, fleet.owner.base, fleet.owner.token ?? "", shoot.id, try Fixtures.path(Self.big),
            ])
            let photo = TusClient.id(of: output.filter { !$0.isWhitespace })
            try await expectArrival(of: photo, at: guests)
            try await expectOriginal(photo, try Fixtures.data(Self.big), fleet.owner)
            let seen = try await shoot.settled(photo)
            #expect(seen["renditions"]?.elements.count == 8)
            for rendition in seen["renditions"]?.elements ?? [] {
                #expect(try await fleet.owner(at: 2).with(nil).get(try rendition.text("url")).status == 200)
            }
        }

        @Test func `a server is killed in the middle of an upload, and the client goes on at the other`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let data = try Fixtures.data(Self.big)
            let tus = TusClient(api: fleet.owner(at: 1))
            let location = try await tus.create(session: shoot.id, filename: Self.big, length: data.count)
            let confirmed = 2_500_000
            #expect(try await tus.patch(location, from: 0, data[0..<confirmed]).status == 204)
            let inFlight = try await tus.beginPatch(
                location, from: confirmed, announcing: data.count - confirmed, sending: data[confirmed..<confirmed + 700_000])
            try fleet.signal("server-1", SIGKILL)
            await inFlight.close()

            let other = TusClient(api: fleet.owner(at: 2))
            let elsewhere = "\(fleet.server(2))/api/uploads/\(TusClient.id(of: location))"
            #expect(try await other.offset(of: elsewhere) >= confirmed)
            try await other.resume(elsewhere, data, chunk: 3 << 20)
            try await fleet.up("server-1")
            let photo = try await shoot.settled(TusClient.id(of: location))
            #expect(photo["status"] == "ready")
            try await expectOriginal(TusClient.id(of: location), data, fleet.owner(at: 1))
        }

        @Test func `an archive that was begun at one server goes on at the other, also after a photo has come`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            for name in ["orientation-1.jpg", "gps.jpg"] { _ = try await shoot.settled(try await shoot.upload(try Fixtures.data(name), as: name)) }
            let (first, second) = (fleet.owner(at: 1), fleet.owner(at: 2))
            let pinned = try await first.json(.POST, "/api/sessions/\(shoot.id)/archives", ["pinned": true], expecting: 201).text("url")
            let whole = try await first.with(nil).get(pinned)
            try #require(whole.status == 200)
            #expect(try await second.with(nil).get(pinned).body == whole.body)
            _ = try await shoot.settled(try await shoot.upload(Fixtures.variant(of: try Fixtures.data("gps.jpg"), 0), as: "late.jpg"))
            let half = whole.body.count / 2
            for server in [second, first] {
                let rest = try await server.with(nil).get(pinned, [("Range", "bytes=\(half)-")])
                #expect(rest.status == 206 && whole.body.prefix(half) + rest.body == whole.body)
            }
        }

        @Test func `a worker is killed in the middle of a job, and the photo is shown once`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let guests = try await guests(fleet, shoot)
            let photo = try await shoot.upload(try Fixtures.data(Self.big), as: Self.big)
            _ = try await guests[0].event("new_photo") { $0.data["id"]?.stringValue == photo }
            for worker in ["worker-1", "worker-2"] { try fleet.signal(worker, SIGKILL) }
            for worker in ["worker-1", "worker-2"] { try await fleet.up(worker) }
            try await expectArrival(of: photo, at: guests)
        }

        @Test func `PostgreSQL goes away: requests are told to come back, and nothing is lost`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let data = try Fixtures.data("orientation-1.jpg")
            let tus = TusClient(api: fleet.owner)
            let location = try await tus.create(session: shoot.id, filename: "a.jpg", length: data.count)
            #expect(try await tus.patch(location, from: 0, data[0..<1000]).status == 204)
            try await fleet.down("postgres")
            for path in ["/api/sessions/\(shoot.id)", "/api/sessions"] {
                let answer = try await fleet.owner.get(path)
                #expect(answer.status == 503)
                #expect(answer["Retry-After"] != nil)
            }
            try await fleet.up("postgres")
            try await eventually("the servers to find the database again") {
                let answers = [try await fleet.owner(at: 1).get("/health/db"), try await fleet.owner(at: 2).get("/health/db")]
                return answers.allSatisfy { $0.status == 200 } ? () : nil
            }
            #expect(try await tus.offset(of: location) >= 1000)
            try await tus.resume(location, data)
            #expect(try await shoot.settled(TusClient.id(of: location))["status"] == "ready")
        }

        /// How long Redis stays away.
        private static let outage: Duration = Scale.isSoak ? .seconds(10) : .seconds(2)

        @Test func `Redis goes away for ten seconds: guests of every server still see each photo once`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let guests = try await guests(fleet, shoot)
            let traveller = try await SocketClient.connect(port: fleet.port(1))
            let joined = try await traveller.join(shoot, code: true)
            let seen = (epoch: try joined.text("epoch"), offset: try #require(joined["offset"]?.integerValue))
            await traveller.close()

            try fleet.signal("redis", SIGKILL)
            let died = ContinuousClock.now
            try await eventually("both servers to say that they are degraded") {
                try await fleet.isEverywhere("degraded") ? () : nil
            }
            var photos = [try await shoot.upload(try Fixtures.data("orientation-1.jpg"), as: "without.jpg")]
            try await expectArrival(of: photos[0], at: guests)
            // Somebody who was gone meanwhile gets at the other server what was missed, and is told that it is all.
            let back = try await SocketClient.connect(port: fleet.port(2))
            let answer = try await back.join(shoot, code: true, since: seen)
            #expect(answer["recovered"] == true && answer["epoch"]?.stringValue == seen.epoch)
            try await expectArrival(of: photos[0], at: [back])
            try await Task.sleep(until: died + Self.outage, clock: .continuous)
            #expect(try await fleet.isEverywhere("degraded"))
            photos.append(try await shoot.upload(try Fixtures.data("gps.jpg"), as: "late.jpg"))
            try await expectArrival(of: photos[1], at: guests + [back])

            try await fleet.up("redis")
            try await eventually("the servers to be well again") { try await fleet.isEverywhere("ok") ? () : nil }
            photos.append(try await shoot.upload(try Fixtures.data(Self.big), as: "with.jpg"))
            try await expectArrival(of: photos[2], at: guests + [back])
            // Nobody was sent away, and each photo came once.
            for photo in photos { try await expectArrival(of: photo, at: guests + [back]) }
            let late = try await SocketClient.connect(port: fleet.port(1))
            #expect(try await late.join(shoot, code: true, since: seen)["recovered"] == true)
            for photo in photos { try await expectArrival(of: photo, at: [late]) }
        }

        @Test func `an administrator at one server is heard at both, and sends people away from both`() async throws {
            let fleet = try await Fleet.stage()
            let shoot = try await Shoot.begin(fleet.owner)
            let guests = try await guests(fleet, shoot)
            let staff = try await SocketClient.connect(port: fleet.port(2), token: fleet.owner.token)
            try await staff.join(shoot, code: false)
            let admin = API(base: fleet.server(1), token: try await fleet.adminKey())
            var stats: [JSONValue] = []
            for number in 1...2 { stats.append(try await API(base: fleet.server(number), token: admin.token).json(.GET, "/api/websocket/stats")) }
            #expect(try stats[0].text("node") != stats[1].text("node"))
            #expect(stats.allSatisfy { ($0["connections"]?["byWire"]?.integer("ws") ?? 0) >= 1 })

            try await admin.json(.POST, "/api/websocket/broadcast", ["message": "Cake!", "level": "info"], expecting: 202)
            for client in guests + [staff] { _ = try await client.event("announcement") { $0.data["message"] == "Cake!" } }
            try await admin.json(.POST, "/api/websocket/kick", ["sessionId": .string(shoot.id)], expecting: 202)
            for client in guests + [staff] { try await client.closed() }
            // Nobody is kept out.
            try await self.guests(fleet, shoot)[1].close()
        }
    }
}

extension Fleet {
    /// Whether both servers say so of themselves.
    fileprivate func isEverywhere(_ status: String) async throws -> Bool {
        for number in 1...2 {
            let health = try await owner(at: number).get("/health")
            guard health.status == 200, health.json["status"]?.stringValue == status else { return false }
        }
        return true
    }
}
