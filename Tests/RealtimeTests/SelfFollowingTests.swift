import Core
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@testable import Realtime

@Suite("What is told to one account")
struct SelfFollowingTests {
    static let (ann, ben) = (UserID(at: Timestamp(milliseconds: 7)), UserID(at: Timestamp(milliseconds: 9)))
    static let (ofAnn, ofBen, session) = (Topic.user(ann), Topic.user(ben), Topic.session(HubTests.session))

    static func person(_ user: UserID) -> Principal { .user(user, role: .member, device: DeviceID(at: Timestamp(milliseconds: 8))) }

    private func staged(_ body: (TestHouse) async throws -> Void) async throws {
        let house = TestHouse()
        house.doors.know("ann", Self.person(Self.ann))
        house.doors.know("ben", Self.person(Self.ben))
        house.doors.know("key", .key(GrantID(at: Timestamp(milliseconds: 1)), owner: Self.ann, role: .member, scopes: [.read]))
        do { try await body(house) } catch {
            try await house.shutdown()
            throw error
        }
        try await house.shutdown()
    }

    /// A client that came with a token.
    private func client(_ house: TestHouse, _ principal: Principal = person(ann), since offset: Int64? = nil) async throws -> TestClient {
        let client = try await house.client(principal)
        try await client.connection.run { $0.followSelf(from: TopicPlace(epoch: "first", offset: offset)) }
        // Is answered once that is over.
        try await client.ask("ping")
        return client
    }

    private func place(_ offset: Int64, token: String? = nil) -> JSONValue {
        var data: JSONValue = ["epoch": "first", "offset": .integer(offset)]
        if let token { data = ["epoch": "first", "offset": .integer(offset), "token": .string(token)] }
        return data
    }

    private func told(_ client: TestClient) async throws -> [JSONValue] {
        try await client.notes.compactMap { if case .told("authenticated", let data) = $0 { data } else { nil } }
    }

    @Test func `who comes with a token is told where it is, and then what comes, and nothing of others`() async throws {
        try await staged { house in
            house.broker.publish(Self.ofAnn)
            let client = try await client(house)
            for topic in [Self.ofBen, Self.ofAnn, Self.session] { house.broker.publish(topic) }
            let expected: JSONValue = ["userId": .string(Self.ann.description), "epoch": "first", "offset": 1, "recovered": false]
            #expect(try await told(client) == [expected])
            #expect(try await client.offsets == [3])
        }
    }

    @Test func `who says how far it has heard gets all that it missed, in order, or is told that it does not`() async throws {
        try await staged { house in
            for topic in [Self.ofAnn, Self.ofBen, Self.ofAnn, Self.ofAnn] { house.broker.publish(topic) }
            let whole = try await client(house, since: 1)
            #expect(try await told(whole).map { $0["recovered"] } == [true])
            #expect(try await whole.offsets == [3, 4])
            house.broker.prune(through: 3)
            let late = try await client(house, since: 1)
            house.broker.publish(Self.ofAnn)
            #expect(try await told(late).map { [$0["recovered"], $0["offset"]] } == [[false, 4]])
            #expect(try await late.offsets == [5])
        }
    }

    @Test func `keys, guests and strangers have no such topic`() async throws {
        try await staged { house in
            let client = try await client(house, .anonymous)
            #expect(try await client.ask("authenticate").problem?.status == 401)
            #expect(try await client.ask("authenticate", ["token": "key"]).data == ["userId": .string(Self.ann.description)])
            house.broker.publish(Self.ofAnn)
            #expect(try await told(client).isEmpty)
            #expect(try await client.offsets.isEmpty)
        }
    }

    @Test func `a new token of the same person changes nothing, and nothing comes twice`() async throws {
        try await staged { house in
            let client = try await client(house)
            house.broker.publish(Self.ofAnn)
            #expect(try await client.ask("authenticate", ["token": "ann"]).data == ["userId": .string(Self.ann.description)])
            house.broker.publish(Self.ofAnn)
            #expect(try await told(client).count == 1)
            #expect(try await client.offsets == [1, 2])
        }
    }

    @Test func `who says only later how far it had heard gets what it missed, without what came meanwhile`() async throws {
        try await staged { house in
            for _ in 1...3 { house.broker.publish(Self.ofAnn) }
            let client = try await client(house)
            house.broker.publish(Self.ofAnn)
            #expect(try await client.offsets == [4])
            let answer = try await client.ask("authenticate", place(1))
            house.broker.publish(Self.ofAnn)
            #expect(answer.data?["recovered"] == true)
            #expect(try await client.offsets == [4, 2, 3, 5])
            // Once more, of what it has had.
            #expect(try await client.ask("authenticate", place(4)).data?["recovered"] == true)
            house.broker.publish(Self.ofAnn)
            #expect(try await client.offsets == [4, 2, 3, 5, 6])
        }
    }

    @Test func `who becomes somebody else hears of that account, and no more of the other`() async throws {
        try await staged { house in
            house.broker.publish(Self.ofBen)
            let client = try await client(house)
            #expect(try await client.ask("authenticate", place(0, token: "ben")).data?["recovered"] == true)
            for topic in [Self.ofAnn, Self.ofBen] { house.broker.publish(topic) }
            #expect(try await client.offsets == [1, 3])
            #expect(try await told(client).map { $0["userId"] } == [Self.ann, Self.ben].map { .string($0.description) })
            // A key is not the person.
            try await client.ask("authenticate", ["token": "key"])
            for topic in [Self.ofAnn, Self.ofBen] { house.broker.publish(topic) }
            #expect(try await client.offsets == [1, 3])
        }
    }

    @Test func `who becomes somebody else while it is recovering is sent what was missed of each in its turn`() async throws {
        try await staged { house in
            for topic in [Self.ofAnn, Self.ofBen, Self.ofAnn] { house.broker.publish(topic) }
            let client = try await house.client(Self.person(Self.ann))
            let command = try Command("authenticate", place(0, token: "ben"), id: 1, table: house.house.table)
            house.broker.onRead { topic in
                house.broker.onRead(nil)
                // While the first history is being read.
                try? house.loop.submit { client.connection.value.received(command, at: house.clock.now()) }.wait()
                for topic in [Self.ofAnn, Self.ofBen] { house.broker.publish(topic) }
            }
            try await client.connection.run { $0.followSelf(from: TopicPlace(epoch: "first", offset: 0)) }
            let inbox = try await client.connection.run { _ in client.wire.value.inbox }
            try await inbox.wait(for: "the answer") { notes, _ in notes.contains { $0.data != nil } ? () : nil }
            for topic in [Self.ofAnn, Self.ofBen] { house.broker.publish(topic) }
            #expect(try await client.offsets == [1, 3, 4, 2, 5, 7])
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `beside a session that is followed, each topic's events come once and in their order`(seed: UInt64) async throws {
        try await staged { house in
            var random = SeededGenerator(state: seed + 1)
            let topics = (0..<60).map { _ in [Self.ofAnn, Self.ofBen, Self.session].randomElement(using: &random) ?? Self.session }
            for topic in topics.prefix(20) { house.broker.publish(topic) }
            let rest = NIOLockedValueBox(Array(topics.dropFirst(20)))
            let publish: @Sendable (Int) -> Void = { count in
                for _ in 0..<count {
                    if let topic = rest.withLockedValue({ $0.isEmpty ? nil : $0.removeFirst() }) { house.broker.publish(topic) }
                }
            }
            house.broker.onRead { _ in publish(3) }
            let client = try await client(house, since: 0)
            try await client.ask(
                "join_session", ["sessionId": .string(HubTests.session.description), "epoch": "first", "offset": 0])
            publish(5)
            try await client.ask("authenticate", place(0))
            publish(60)
            let seen = try await client.offsets
            #expect(Set(seen).count == seen.count)
            for topic in [Self.ofAnn, Self.session] {
                let due = topics.indices.filter { topics[$0] == topic }.map { Int64($0 + 1) }
                #expect(seen.filter { topics[Int($0) - 1] == topic } == due)
            }
            // Whatever it was sent last, nothing of either topic stays out if it is lost now.
            let memory = try await client.connection.run { $0.memory }
            #expect(Set(memory.places.keys) == [Self.ofAnn, Self.session] && memory.epoch == "first")
            for (index, last) in seen.enumerated() where index > seen.count / 2 {
                for (topic, place) in memory.places {
                    let missing = topics.indices.map { Int64($0 + 1) }.filter { topics[Int($0) - 1] == topic && !seen[...index].contains($0) }
                    #expect(missing.allSatisfy { $0 > place.since(last) })
                }
            }
        }
    }

    @Test func `who may not follow it is sent away, and who is gone leaves nothing behind`() async throws {
        try await staged { house in
            let client = try await client(house)
            try await client.leave()
            #expect(try await client.connection.run { _ in house.hub.shard(of: house.loop)?.hasFollowers(of: Self.ofAnn) } == false)
            house.doors.close([.user])
            let other = try await house.client(Self.person(Self.ann))
            let inbox = try await other.connection.run { connection in
                connection.followSelf(from: nil)
                return other.wire.value.inbox
            }
            try await inbox.wait(for: "the end") { notes, _ in notes.contains(.closed(.revoked)) ? () : nil }
        }
    }

    @Test func `a kind of topics that nobody answers for is not found`() async throws {
        struct Sessions: TopicAuthorizer {
            let kinds: Set<Topic.Kind> = [.session]
            func authorize(_ principal: Principal, toFollow topic: Topic) async throws {}
        }
        let doors = TopicDoors([Sessions()])
        try await doors.authorize(.anonymous, toFollow: Self.session)
        await #expect(throws: Problem.notFound("topic")) { try await doors.authorize(Self.person(Self.ann), toFollow: Self.ofAnn) }
    }

    @Test(arguments: [
        ("/ws?epoch=first&offset=7", "first", 7), ("/ws?a&offset=0&epoch=e.1", "e.1", 0),
    ] as [(String, String, Int64)])
    func `a handshake's query may say a place`(uri: String, epoch: String, offset: Int64) {
        #expect(TopicPlace(uri: uri) == TopicPlace(epoch: epoch, offset: offset))
    }

    @Test(arguments: ["/ws", "/ws?", "/ws?epoch=first", "/ws?offset=1", "/ws?epoch=first&offset=-1", "/ws?epoch=a&offset=x", "/ws?epoch&offset"])
    func `anything else is no place`(uri: String) { #expect(TopicPlace(uri: uri) == nil) }
}
