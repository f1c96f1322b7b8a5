import Core
import Synchronization
import TestSupport
import Testing

@testable import WatchParty

/// Who gets a grant for a party.
enum DoorClauses {
    typealias Clause = PartyContract.Clause

    static let all = [
        Clause("who is new gets no grant for a party that is locked or full") { house in
            #expect(try await house.knock() == nil)
            try await house.update(PartyChange(isLocked: true))
            #expect(try await house.knock() == "party_locked")
            try await house.update(PartyChange(isLocked: false, capacity: 2))
            _ = (try await house.guest("Ann"), try await house.guest("Bob"))
            #expect(try await house.knock() == "party_full")
        },
        Clause("a guest of before gets another grant also when it is locked, and needs a place only after having gone") { house in
            try await house.update(PartyChange(capacity: 2))
            let (ann, _) = (try await house.guest("Ann"), try await house.guest("Bob"))
            try await house.update(PartyChange(isLocked: true))
            let (second, third) = (Person.guest(GrantID(at: Timestamp(milliseconds: 50))), Person.guest(GrantID(at: Timestamp(milliseconds: 51))))
            #expect(try await house.knock(second, formerly: Person(ann)) == nil)
            try await house.service.leave(house.party, second)
            #expect(try await house.knock(third, formerly: second) == nil)
            try await house.update(PartyChange(isLocked: false))
            _ = try await house.guest("Eve")
            #expect(try await house.knock(formerly: third) == "party_full")
        },
        Clause("who gets another grant is what they were, with their votes; who they were is nobody any more") { house in
            let ann = try await house.guest("Ann")
            _ = try await house.service.setRole(.controller, of: Person(ann), in: house.party, by: try await house.actor(house.host))
            let entry = try await house.queue.entries[1].id
            try await house.change(.vote(entry, isFor: true), by: ann)
            let anna = try await house.renamed(ann, "Anna")
            #expect(try await house.knock(Person(anna)!, "Anna", formerly: Person(ann)) == nil)
            let member = try #require(try await house.member(anna))
            #expect(member.role == .controller && member.isPresent && member.person.name == "Anna")
            #expect(try await house.member(ann) == nil)
            try await house.change(.vote(entry, isFor: true), by: anna)
            #expect(try await house.queue.entries.map(\.votes) == [1, 0])
            let news = try await house.told("party_member").suffix(2)
            #expect(news.map { $0["change"] } == ["removed", "joined"])
            #expect(news.map { $0["member"]?["person"]?["name"] } == ["Ann", "Anna"])
        },
        Clause("who was shown out is new, and so is a guest who never came") { house in
            let ann = try await house.guest("Ann")
            try await house.service.showOut(Person(ann), of: house.party, by: try await house.actor(house.host), as: house.host)
            try await house.update(PartyChange(isLocked: true))
            #expect(try await house.knock(formerly: Person(ann)) == "party_locked")
            #expect(try await house.knock(formerly: .guest(GrantID(at: Timestamp(milliseconds: 60)))) == "party_locked")
        },
        Clause("into what is no party anybody comes") { house in
            let refusal = try await house.knock(at: SessionID(at: Timestamp(milliseconds: 70)))
            #expect(refusal == nil)
        },
    ]
}

extension House {
    /// Somebody is about to get a grant.
    /// - Returns: the code that they are refused with.
    fileprivate func knock(
        _ guest: Person = .guest(GrantID(at: Timestamp(milliseconds: 40))), _ name: String = "", formerly former: Person? = nil,
        at session: SessionID? = nil
    ) async throws -> String? {
        let (gate, session) = (PartyDoorkeeper(events: publisher), session ?? party)
        return try await refusal {
            try await database.write { tx in try gate.admit(guest, named: name, formerly: former, to: session, transaction: tx) }
        }
    }

    /// The same guest with a grant of another name.
    fileprivate func renamed(_ guest: Principal, _ name: String) async throws -> Principal {
        guard case .guest(var token) = guest else { throw Problem.internalError }
        token.grantID = GrantID(at: Timestamp(milliseconds: 80))
        let grant = Grant(id: token.grantID, kind: .guest, sessionID: party, rights: .guest, name: name, createdAt: clock.now())
        neighbours.state.withLock { $0.grants[grant.id] = grant }
        return .guest(token)
    }
}
