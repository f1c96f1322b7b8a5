import Core
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct SessionTests {
        @Test func `a session is created, listed, changed and deleted`() async throws {
            let owner = try await SharedServer.stage().ownerAPI
            let made = try await owner.json(
                .POST, "/api/sessions", ["title": "Wedding", "description": "In June", "accessCode": "June-2026"], expecting: 201)
            let id = try made.text("id")
            #expect(made["accessCode"] == "June-2026")
            #expect(made["galleryPath"] == "/gallery/June-2026")
            #expect(made["photoCount"] == 0)
            #expect(try await owner.all("/api/sessions", limit: 1).contains { $0["id"]?.stringValue == id })

            let changed = try await owner.json(.PUT, "/api/sessions/\(id)", ["title": "Wedding of A and B"])
            #expect(changed["title"] == "Wedding of A and B")
            #expect(changed["description"] == "In June")
            let taken = try await owner.send(.POST, "/api/sessions", json: ["title": "Other", "accessCode": "june-2026"])
            #expect(taken.status == 409)
            #expect(taken.code == "code_taken")

            try await owner.json(.DELETE, "/api/sessions/\(id)", expecting: 204)
            #expect(try await owner.get("/api/sessions/\(id)").status == 404)
        }

        @Test func `the right code lets a guest in and a wrong one does not`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let guest = try await shoot.guest()
            let seen = try await guest.json(.GET, "/api/sessions/\(shoot.id)")
            #expect(seen["title"] == "Rehearsal")
            #expect(seen["accessCode"] == nil)

            let wrong = try await stage.server.api.send(
                .POST, "/api/sessions/\(shoot.id)/verify", json: ["accessCode": "WRONG-ONE"])
            #expect(wrong.status == 403)
            #expect(wrong.code == "wrong_code")
            let found = try await stage.server.api.json(.POST, "/api/access", ["accessCode": .string(shoot.code.lowercased())])
            #expect(found["session"]?["id"]?.stringValue == shoot.id)
        }

        @Test func `a new code shows the guests of the old one out`() async throws {
            let shoot = try await Shoot.begin(try await SharedServer.stage().ownerAPI)
            let guest = try await shoot.guest()
            let socket = try await SocketClient.connect(port: try await SharedServer.stage().server.port, token: guest.token)
            try await socket.join(shoot, code: false)
            try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["accessCode": .string("\(shoot.code)-2")])
            #expect(try await guest.get("/api/sessions/\(shoot.id)").status == 401)
            try await socket.closed()
        }

        @Test(.enabled(if: Tool.program("curl") != nil))
        func `guessing codes is slowed down`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            // From another address of this machine, so that the other tests are not slowed down with it.
            let guess = [
                "-s", "-o", "/dev/null", "-w", "%{http_code} %header{retry-after}", "--interface", "127.0.0.77",
                "-H", "Content-Type: application/json", "-d", #"{"accessCode":"GUESS-1"}"#,
                "\(stage.server.url)/api/sessions/\(shoot.id)/verify",
            ]
            var answers: [String] = []
            for _ in 0..<30 where answers.last?.hasPrefix("429") != true {
                answers.append(try await Tool("curl").output(guess))
            }
            #expect(answers.dropLast().allSatisfy { $0.hasPrefix("403") })
            let last = try #require(answers.last)
            #expect(last.hasPrefix("429"))
            #expect(last.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 > 0, "Retry-After in \(last)")
            // Whoever knows the code and comes from elsewhere is not kept out.
            _ = try await shoot.guest()
        }
    }
}
