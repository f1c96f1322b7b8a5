import Core
import NIOCore
import TestSupport
import Testing

@testable import Realtime

@Suite("Who is seen in a session")
struct AppearanceTests {
    private static let session = HubTests.session
    private static let topic = Topic.session(session)

    private func staged(_ body: (TestHouse, TestRegistry) async throws -> Void) async throws {
        let registry = TestRegistry()
        let house = TestHouse(presence: registry)
        house.doors.know("ann", SelfFollowingTests.person(SelfFollowingTests.ann))
        house.doors.know("ben", SelfFollowingTests.person(SelfFollowingTests.ben))
        do { try await body(house, registry) } catch {
            try await house.shutdown()
            throw error
        }
        try await house.shutdown()
    }

    private func join(_ client: TestClient, code: String? = nil) async throws -> JSONValue {
        var data: [String: JSONValue] = ["sessionId": .string(Self.session.description)]
        if let code { data["accessCode"] = .string(code) }
        return try await client.ask("join_session", .object(data)).data ?? .null
    }

    private func names(_ registry: TestRegistry) async -> [String] {
        await registry.attendance(of: Self.topic, limit: 9).members.compactMap(\.label).sorted()
    }

    @Test func `who joins is told who is there, and is there by one name until the last connection is gone`() async throws {
        try await staged { house, registry in
            let ann = SelfFollowingTests.person(SelfFollowingTests.ann)
            let (one, other, guest) = (try await house.client(ann), try await house.client(ann), try await house.client())
            for client in [one, other] { _ = try await join(client) }
            let told = try await join(guest, code: "right")
            #expect(told["guests"] == 2 && told["sampled"] == false)
            #expect(told["people"]?[1]?["userId"] == .string(SelfFollowingTests.ann.description) || told["people"]?[0]?["userId"] != nil)
            #expect(await names(registry).count == 2)
            try await one.leave()
            let left = await names(registry)
            #expect(left.contains("Gus") && left.count == 2)
            try await other.leave()
            #expect(await names(registry) == ["Gus"])
            try await guest.leave()
            #expect(await registry.attendance(of: Self.topic, limit: 9).count == 0)
        }
    }

    @Test func `who signs in as somebody else is seen as that, unless it was let in as a guest`() async throws {
        try await staged { house, registry in
            let (client, guest) = (try await house.client(SelfFollowingTests.person(SelfFollowingTests.ann)), try await house.client())
            _ = try await join(client)
            _ = try await join(guest, code: "right")
            for visitor in [client, guest] { try await visitor.ask("authenticate", ["token": "ben"]) }
            let expected = try await house.doors.name(of: SelfFollowingTests.person(SelfFollowingTests.ben))
            #expect(await names(registry) == ["Gus", expected ?? ""].sorted())
            for visitor in [client, guest] { try await visitor.leave() }
            #expect(await registry.attendance(of: Self.topic, limit: 9).count == 0)
        }
    }

    @Test func `who signs in as somebody who may not be there is not shown as that`() async throws {
        try await staged { house, registry in
            let client = try await house.client(SelfFollowingTests.person(SelfFollowingTests.ann))
            _ = try await join(client)
            house.doors.close()
            try await client.ask("authenticate", ["token": "ben"])
            let before = try await house.doors.name(of: SelfFollowingTests.person(SelfFollowingTests.ann))
            #expect(await names(registry) == [before ?? ""])
        }
    }

    @Test func `who comes back is seen as before`() async throws {
        try await staged { house, registry in
            let client = try await house.client(SelfFollowingTests.person(SelfFollowingTests.ann))
            _ = try await join(client)
            let (before, memory) = (await names(registry), try await client.connection.run { $0.memory })
            try await client.leave()
            let again = try await house.client(SelfFollowingTests.person(SelfFollowingTests.ann))
            try await again.connection.run { try $0.follow(memory) }
            #expect(await names(registry) == before && before.count == 1)
        }
    }
}
