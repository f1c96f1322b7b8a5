import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct SessionLifeTests {
        @Test func `a removed member's connections end within two seconds, and others' do not`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let (name, path) = ("member\(shoot.code.lowercased())", "/api/sessions/\(shoot.id)/members")
            let account = try await stage.server.createAccount(name)
            let member = try await stage.server.client(account)
            let (email, role) = (JSONValue.string(account.email), JSONValue.string("editor"))
            let added = try await shoot.owner.json(.POST, path, ["email": email, "role": role], expecting: 201)
            #expect(added["name"]?.stringValue == name && added["role"] == "editor")
            let seen = try await member.json(.GET, "/api/sessions/\(shoot.id)")
            #expect(seen["role"] == "editor" && seen["accessCode"] != nil)
            #expect(try await member.send(.PUT, "/api/sessions/\(shoot.id)", json: ["title": "Mine"]).status == 403)
            let sockets = [
                try await SocketClient.connect(port: stage.server.port, token: member.token),
                try await SocketClient.connect(port: stage.server.port, token: shoot.owner.token),
            ]
            for socket in sockets { try await socket.join(shoot, code: false) }
            try await shoot.owner.json(.DELETE, "\(path)/\(account.id)", expecting: 204)
            try await sockets[0].closed(within: .seconds(2))
            #expect(try await member.get("/api/sessions/\(shoot.id)").status == 404)
            #expect(try await sockets[1].ask("ping").type != "")
            let log = try await shoot.owner.all("/api/sessions/\(shoot.id)/audit")
            #expect(log.map { $0["action"]?.stringValue } == ["member_removed", "member_added", "session_created"])
        }

        @Test func `a session that is paused, ended, archived and restored says so to everybody, and lets in what it should`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            let link = try await shoot.owner.json(
                .POST, "/api/sessions/\(shoot.id)/links", ["name": "all", "rights": ["view", "upload"]], expecting: 201)
            let token = try link.text("url").components(separatedBy: "/s/")[1]
            let entry = try await stage.server.api.json(.POST, "/api/links/\(token)/enter", [:])
            let guest = stage.server.api.with(try entry.text("token"))
            let socket = try await SocketClient.connect(port: stage.server.port, token: guest.token)
            try await socket.join(shoot, code: false)
            func answer(_ sender: API, _ name: String) async throws -> String {
                let metadata = TusClient.metadata(session: shoot.id, filename: name, type: "image/jpeg")
                let answer = try await sender.send(
                    .POST, "/api/uploads", headers: [TusClient.version, ("Upload-Length", "10"), ("Upload-Metadata", metadata)])
                return answer.status == 201 ? "201" : "\(answer.status) \(answer.code ?? "")"
            }
            let cases = [("paused", "201", "409 session_paused"), ("ended", "409 session_ended", "409 session_ended"), ("active", "201", "201")]
            for (status, staff, others) in cases {
                try await shoot.owner.json(.PUT, "/api/sessions/\(shoot.id)", ["status": .string(status)])
                let told = try await socket.event("session_updated") { $0.data["status"]?.stringValue == status }
                #expect(told.data["settings"] == nil && told.data["accessCode"] == nil && told.data["role"] == nil)
                #expect(try await answer(shoot.owner, "a.jpg") == staff, "\(status)")
                #expect(try await answer(guest, "b.jpg") == others, "\(status)")
            }
            #expect(try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/archive")["status"] == "archived")
            // The staff looks.
            for part in ["", "/links", "/guests", "/members", "/statistics", "/audit"] {
                #expect(try await shoot.owner.get("/api/sessions/\(shoot.id)\(part)").status == 200, "\(part)")
            }
            try await socket.closed(within: .seconds(2))
            let refusals: [(Answer, Int, String)] = [
                (try await shoot.owner.send(.PUT, "/api/sessions/\(shoot.id)", json: ["title": "x"]), 409, "session_archived"),
                (try await shoot.owner.send(.POST, "/api/sessions/\(shoot.id)/messages", json: ["text": "x"]), 409, "session_archived"),
                (try await shoot.owner.send(.POST, "/api/sessions/\(shoot.id)/archive"), 409, "status_transition"),
                (try await stage.server.api.send(.POST, "/api/links/\(token)/enter", json: [:]), 403, "session_archived"),
                (try await stage.server.api.send(.POST, "/api/access", json: ["accessCode": .string(shoot.code)]), 403, "session_archived"),
                (try await guest.get("/api/sessions/\(shoot.id)"), 401, "invalid_token"),
            ]
            for (answer, status, code) in refusals { #expect(answer.status == status && answer.code == code, "\(answer.status) \(answer.text)") }
            #expect(try await shoot.owner.json(.POST, "/api/sessions/\(shoot.id)/restore")["status"] == "active")
            _ = try await shoot.guest()
        }

        @Test func `an administrator says how much an account may send, and it sees how much it has`() async throws {
            let stage = try await SharedServer.stage()
            let account = try await stage.server.createAccount("frugal")
            let (frugal, admin) = (try await stage.server.client(account), stage.server.api.with(stage.adminKey))
            let path = "/api/users/\(account.id)/quota"
            #expect(try await frugal.get(path).status == 403)
            #expect(try await admin.json(.PUT, path, ["maxBytes": 10])["maxBytes"] == 10)
            let shoot = try await Shoot.begin(frugal)
            let metadata = TusClient.metadata(session: shoot.id, filename: "a.jpg", type: "image/jpeg")
            func begin(_ length: String) async throws -> Int {
                try await frugal.send(
                    .POST, "/api/uploads", headers: [TusClient.version, ("Upload-Length", length), ("Upload-Metadata", metadata)]
                ).status
            }
            #expect(try await [begin("11"), begin("10"), begin("1")] == [413, 201, 413])
            #expect(try await frugal.json(.GET, "/api/auth/usage") == ["files": 1, "bytes": 10, "maxBytes": 10])
        }
    }
}
