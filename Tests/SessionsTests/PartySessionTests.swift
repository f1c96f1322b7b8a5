import Accounts
import Broker
import Core
import Synchronization
import Testing

@testable import Sessions

@Suite struct `A session that is a party` {
    private static func opened(_ house: TestHouse) async throws -> (id: SessionID, code: String, owner: Principal) {
        let owner = try await house.photographer()
        let session = try await house.sessions.createParty(title: "Friday", owner: owner.userID!, by: owner) { _, _ in }
        return (session.id, session.accessCode, owner)
    }

    private static func guestCount(_ house: TestHouse, _ id: SessionID) async throws -> Int {
        try await house.sessions.guests(of: id, after: nil, limit: 9).items.count
    }

    // MARK: The door

    @Test(arguments: TestDriver.installed)
    func `asks for a place before anybody gets a grant, by code and by link, and uses up no link without one`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let (id, code, _) = try await Self.opened(house)
            let links = house.links()
            let link = try await links.create(LinkInput(name: "Family", maxUses: 1), in: id, at: "")
            let token = try #require(link.url?.split(separator: "/").last.map(String.init))
            let enter: [() async throws -> Void] = [
                { _ = try await house.sessions.enter(id, code: code, name: "Ann", address: "192.0.2.1") },
                { _ = try await house.sessions.enter(nil, code: code, name: "Ann", address: "192.0.2.1") },
                { _ = try await links.enter(token, name: "Ann", password: nil, address: "192.0.2.1") },
            ]
            house.gate.refuse(Problem.conflict("party_full", "Full."))
            for enter in enter {
                let refusal = await #expect(throws: Problem.self) { try await enter() }
                #expect(refusal?.code == "party_full")
            }
            #expect(try await Self.guestCount(house, id) == 0)
            house.gate.refuse(nil)
            for enter in enter { try await enter() }
            #expect(try await Self.guestCount(house, id) == 3)
            #expect(house.gate.visits.allSatisfy { $0.party == id && $0.name == "Ann" && $0.former == nil })
        }
    }

    @Test func `does not ask before the code is the right one, nor for other sessions`() async throws {
        try await TestHouse.with { house in
            let (id, _, owner) = try await Self.opened(house)
            _ = try await house.sessions.create(title: "One", accessCode: "one-1", owner: owner.userID!)
            house.gate.refuse(Problem.conflict("party_full", "Full."))
            let refusal = await #expect(throws: Problem.self) {
                try await house.sessions.enter(id, code: "one-1", name: nil, address: "192.0.2.1")
            }
            #expect(refusal?.code == "wrong_code")
            _ = try await house.sessions.enter(nil, code: "one-1", name: nil, address: "192.0.2.1")
            #expect(house.gate.visits.isEmpty)
        }
    }

    @Test func `says who a guest was before, unless they were shown out`() async throws {
        try await TestHouse.with { house in
            let (id, code, owner) = try await Self.opened(house)
            func enter(_ name: String, as principal: Principal = .anonymous) async throws -> GrantToken {
                try await house.sessions.enter(id, code: code, name: name, address: "192.0.2.1", as: principal).1
            }
            let ann = try await enter("Ann")
            let anna = try await enter("Anna", as: .guest(ann))
            try await house.sessions.showOut(anna.grantID, of: id)
            _ = try await enter("Anne", as: .guest(anna))
            _ = try await enter("Ada", as: owner)
            let visits = house.gate.visits
            #expect(visits.map(\.former) == [nil, .guest(ann.grantID), nil, nil])
            #expect(visits[1].guest == .guest(anna.grantID) && visits[1].name == "Anna")
        }
    }

    // MARK: What becomes of it

    @Test func `is neither copied nor archived, whoever or whatever wants it`() async throws {
        try await TestHouse.with { house in
            let (id, _, owner) = try await Self.opened(house)
            let copy = SessionCopy(title: "Saturday")
            let attempts: [() async throws -> Void] = [
                { _ = try await house.sessions.duplicate(id, as: copy, by: owner) }, { _ = try await house.sessions.archive(id, by: owner) },
            ]
            for attempt in attempts {
                let refusal = await #expect(throws: Problem.self) { try await attempt() }
                #expect(refusal?.code == "is_party" && refusal?.status == 409)
            }
            var session = try #require(try await house.database.read { try SessionStore().find(id, $0) })
            session.settings.expireAt = house.clock.now()
            #expect(session.nextFate == nil)
        }
    }

    @Test func `shows somebody out as any session does: all nodes hear of it, and it is noted`() async throws {
        try await TestHouse.with { house in
            let (id, code, owner) = try await Self.opened(house)
            let ada = try #require(try await house.photographer("eve").userID)
            _ = try await house.sessions.addMember(NewMember(userId: ada, role: .editor), to: id, by: owner)
            let guest = try await house.sessions.enter(id, code: code, name: "Ann", address: "192.0.2.1").1
            let heard = Mutex<[MembershipEnd]>([])
            house.broker.listen(for: MembershipEnd.nudge) { text in
                if let end: MembershipEnd = try? JSON.decode(from: text) { heard.withLock { $0.append(end) } }
            }
            try await house.database.write { tx in
                for person in [Person.user(ada), .guest(guest.grantID)] {
                    try house.door.showOut(person, of: id, by: owner, transaction: tx)
                }
            }
            #expect(heard.withLock { $0 } == [MembershipEnd(user: ada, session: id)])
            #expect(house.accounts.grantChecker.isRevoked(guest.grantID))
            let notes = try await house.sessions.audit(of: id, after: nil, limit: 2).items
            #expect(Set(notes.map(\.action)) == ["guest_shown_out", "member_removed"])
            await #expect(throws: Problem.self) {
                try await house.database.write { tx in
                    try house.door.showOut(.user(owner.userID!), of: id, by: owner, transaction: tx)
                }
            }
        }
    }
}

/// Lets people into parties as the test says, and writes down who asked.
final class TestGate: PartyGate {
    struct Visit: Sendable {
        var guest: Person
        var name: String
        var former: Person?
        var party: SessionID
    }

    private let state = Mutex((visits: [Visit](), refusal: Problem?.none))

    /// Those who were let in.
    var visits: [Visit] { state.withLock { $0.visits } }

    func refuse(_ problem: Problem?) { state.withLock { $0.refusal = problem } }

    func admit(_ guest: Person, named name: String, formerly former: Person?, to party: SessionID, transaction: any Transaction) throws {
        try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.visits.append(Visit(guest: guest, name: name, former: former, party: party))
        }
    }
}
