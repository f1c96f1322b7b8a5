import Core
import Foundation
import Testing
import WebServer

@testable import Accounts

@Suite struct RouteTests {
    @Test func `every route is there and asks for the right action`() async throws {
        try await House.with { house in
            let declared = Set(house.feature().routes.map { "\($0.path) \($0.action)" })
            #expect(declared == [
                "/api/auth/register signIn", "/api/auth/login signIn", "/api/auth/refresh signIn",
                "/api/auth/logout manageDevices", "/api/auth/profile readProfile", "/api/auth/devices manageDevices",
                "/api/auth/devices/{id} manageDevices", "/api/keys createKey", "/api/keys listKeys",
                "/api/keys/{id} manageKeys", "/api/users/{id}/quota readQuotas", "/api/users/{id}/quota manageQuotas",
            ])
        }
    }

    @Test func `what is answered fits the declared shape`() async throws {
        try await House.with { house in
            let feature = house.feature()
            let signIn = try await feature.signIns.register(
                email: "a@b", username: "anna", password: "correct horse", deviceName: "phone", address: "a")
            let key = try await feature.accounts.createKey(user: "anna", scopes: [.read, .upload], name: "tether")
            let devices = try await feature.signIns.list(of: signIn.user.id)
            try check(SignInView(signIn))
            try check(NewKeyView(key))
            try check(KeyView(APIKey(grant: key.grant, lastUsedAt: house.clock.now())))
            try check(Page(items: devices.map { DeviceView($0, current: signIn.deviceID) }, nextCursor: nil))
            let view = try JSON.decode(JSONValue.self, from: JSON.encode(SignInView(signIn)))
            #expect(view["tokenType"] == "Bearer" && view["expiresIn"] == 900)
            #expect(view["user"]?["username"] == "anna" && view["deviceId"]?.stringValue == signIn.deviceID.description)
        }
    }

    @Test(arguments: ["login", "email", "username"])
    func `a sign-in may call the account by three names`(name: String) throws {
        let json: JSONValue = .object(["password": "p", name: "anna"])
        try LoginInput.schema.validate(json)
        let input: LoginInput = try JSON.decode(from: try JSON.encode(json))
        #expect(try input.account() == "anna")
    }

    @Test func `a sign-in without a name is refused`() async throws {
        let input: LoginInput = try JSON.decode(from: #"{"password":"p"}"#)
        #expect(await code { try input.account() } == "invalid_field")
    }

    private func check<View: WireType>(_ view: View) throws {
        let json = try JSON.decode(JSONValue.self, from: JSON.encode(view))
        try View.schema.validate(json)
        guard case .object(let members) = json, case .object(let fields) = View.schema else {
            Issue.record("not an object")
            return
        }
        #expect(Set(members.keys).isSubset(of: fields.map(\.name)), "an undeclared member")
    }
}
