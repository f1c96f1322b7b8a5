import Core
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct AccountTests {
        @Test func `an account registers, signs in, refreshes, looks at itself and signs out`() async throws {
            let api = try await SharedServer.stage().server.api
            let registered = try await api.json(
                .POST, "/api/auth/register",
                ["email": "new@example.org", "username": "newcomer", "password": .string(Account.password)], expecting: 201)
            #expect(registered["tokenType"] == "Bearer")
            #expect(registered["user"]?["role"] == "photographer")

            let signedIn = try await api.json(
                .POST, "/api/auth/login",
                ["username": "newcomer", "password": .string(Account.password), "deviceName": "phone"])
            let profile = try await api.with(try signedIn.text("accessToken")).json(.GET, "/api/auth/profile")
            #expect(profile == signedIn["user"])

            let me = api.with(try signedIn.text("accessToken"))
            let devices = try await me.json(.GET, "/api/auth/devices").items
            #expect(devices.count == 2)
            #expect(devices.filter { $0["current"] == true }.map { $0["name"] } == ["phone"])

            let socket = try await SocketClient.connect(
                port: try await SharedServer.stage().server.port, token: try signedIn.text("accessToken"))
            try await me.json(.POST, "/api/auth/logout", expecting: 204)
            // Signing out ends what is open, too.
            try await socket.closed()
            let after = try await me.get("/api/auth/profile")
            #expect(after.status == 401)
            #expect(after["Content-Type"]?.hasPrefix("application/problem+json") == true)
            #expect(after["WWW-Authenticate"] != nil)
        }

        @Test func `a refresh token is good again only until the next is used, and then signs the device out`() async throws {
            let stage = try await SharedServer.stage()
            let api = stage.server.api
            let first = try await stage.server.signIn(stage.owner, device: "spare")
            let spent: JSONValue = ["refreshToken": .string(try first.text("refreshToken"))]
            let second = try await api.json(.POST, "/api/auth/refresh", spent)
            #expect(second["refreshToken"] != first["refreshToken"])
            #expect(second["deviceId"] == first["deviceId"])

            // As if the answer had been lost.
            let again = try await api.json(.POST, "/api/auth/refresh", spent)
            #expect(again["refreshToken"] != second["refreshToken"])
            let third = try await api.json(
                .POST, "/api/auth/refresh", ["refreshToken": .string(try again.text("refreshToken"))])

            let reuse = try await api.send(.POST, "/api/auth/refresh", json: spent)
            #expect(reuse.status == 401)
            #expect(reuse.code == "token_reused")
            let heir = try await api.send(
                .POST, "/api/auth/refresh", json: ["refreshToken": .string(try third.text("refreshToken"))])
            #expect(heir.status == 401)
            let access = try await api.with(try third.text("accessToken")).get("/api/auth/profile")
            #expect(access.status == 401)
        }

        @Test func `a key works within its scopes until it is revoked`() async throws {
            let stage = try await SharedServer.stage()
            let made = try await stage.ownerAPI.json(
                .POST, "/api/keys", ["name": "tether", "scopes": ["read"]], expecting: 201)
            let key = stage.server.api.with(try made.text("key"))
            #expect(try await key.get("/api/sessions").status == 200)
            #expect(try await key.send(.POST, "/api/sessions", json: ["title": "No"]).status == 403)

            let listed = try await stage.ownerAPI.all("/api/keys").first { $0["id"] == made["id"] }
            #expect(listed?["name"] == "tether")
            #expect(listed?["key"] == nil)

            try await stage.ownerAPI.json(.DELETE, "/api/keys/\(try made.text("id"))", expecting: 204)
            #expect(try await key.get("/api/sessions").status == 401)
        }

        @Test func `the wrong password and an unknown account get the same answer`() async throws {
            let stage = try await SharedServer.stage()
            let wrong = try await stage.server.api.send(
                .POST, "/api/auth/login", json: ["login": .string(stage.admin.email), "password": "not this one"])
            let unknown = try await stage.server.api.send(
                .POST, "/api/auth/login", json: ["login": "nobody@example.org", "password": "not this one"])
            #expect([wrong.status, unknown.status] == [401, 401])
            #expect([wrong.code, unknown.code] == ["wrong_credentials", "wrong_credentials"])
        }
    }
}
