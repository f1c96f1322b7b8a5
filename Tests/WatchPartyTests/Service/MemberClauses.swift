import Core
import TestSupport
import Testing

@testable import WatchParty

/// Who is there, and what they are.
enum MemberClauses {
    typealias Clause = PartyContract.Clause

    static let all = [
        Clause("who comes in is told to all, once") { house in
            let guest = try await house.guest("Ann")
            try await house.enter(guest)
            let news = try await house.told("party_member")
            #expect(news.map { $0["change"] } == ["joined"])
            #expect(news[0]["member"]?["person"]?["name"] == "Ann" && news[0]["member"]?["role"] == "viewer")
        },
        Clause("a locked party lets those in who were there, and nobody else") { house in
            let guest = try await house.guest("Ann")
            try await house.service.leave(house.party, try await house.actor(guest).person)
            try await house.update(PartyChange(isLocked: true))
            #expect(try await refusal { try await house.service.requireRoom(for: nil, in: house.party) } == "party_locked")
            #expect(try await refusal { try await house.service.requireRoom(for: try await house.actor(guest), in: house.party) } == nil)
        },
        Clause("no more come in than there is room for, but the owner always") { house in
            try await house.update(PartyChange(capacity: 2))
            _ = try await house.guest("Ann")
            _ = try await house.guest("Bob")
            #expect(try await refusal { try await house.guest("Eve") } == "party_full")
            #expect(try await refusal { try await house.service.requireRoom(for: nil, in: house.party) } == "party_full")
            #expect(try await refusal { try await house.enter(house.host) } == nil)
        },
        Clause("when the host goes, the controller who is there becomes host, or else who came first") { house in
            try await house.enter(house.host)
            let (ann, bob) = (try await house.guest("Ann"), try await house.guest("Bob"))
            _ = try await house.service.setRole(.controller, of: Person(bob), in: house.party, by: try await house.actor(house.host))
            try await house.service.leave(house.party, try await house.actor(house.host).person)
            #expect(try await house.role(of: bob) == .host)
            #expect(try await house.role(of: house.host) == .controller)
            try await house.service.leave(house.party, try await house.actor(bob).person)
            #expect(try await house.role(of: ann) == .host)
        },
        Clause("who has made a party and not come yet stays its host") { house in
            let ann = try await house.guest("Ann")
            let roles = [try await house.role(of: ann), try await house.role(of: house.host)]
            #expect(roles == [.viewer, .host])
        },
        Clause("who is not heard of for a while has left") { house in
            let (ann, bob) = (try await house.guest("Ann"), try await house.guest("Bob"))
            house.clock.advance(by: .seconds(20))
            try await house.report(.paused, by: ann)
            await house.service.writeNotes()
            house.clock.advance(by: .seconds(10))
            try await PartyKeeper(service: house.service).releaseLapsed()
            #expect(try await house.member(ann)?.isPresent == true)
            #expect(try await house.member(bob)?.isPresent == false)
            #expect(try await house.told("party_member").last?["change"] == "left")
        },
        Clause("a host hands over, and is a controller then; a party is never without one") { house in
            try await house.enter(house.host)
            let ann = try await house.guest("Ann")
            let host = try await house.actor(house.host)
            #expect(try await refusal { try await house.service.setRole(.viewer, of: host.person, in: house.party, by: host) } == "host_needed")
            _ = try await house.service.setRole(.host, of: Person(ann), in: house.party, by: host)
            #expect(try await house.role(of: ann) == .host)
            #expect(try await house.role(of: house.host) == .controller)
        },
        Clause("who was taken for gone and reports is there again") { house in
            let ann = try await house.guest("Ann")
            house.clock.advance(by: .seconds(40))
            try await PartyKeeper(service: house.service).releaseLapsed()
            let caller = CommandCaller(principal: ann, entries: [:], address: "")
            let data: JSONValue = ["partyId": .string(house.party.description), "state": "playing"]
            let answer = try await PartyCommands(service: house.service, access: house.neighbours).carryOut("party_status", data, for: caller)
            #expect(answer["nextIn"] == 2)
            #expect(try await house.member(ann)?.isPresent == true)
        },
        Clause("when the last one goes the film stands where it was") { house in
            let (ann, bob) = (try await house.guest("Ann"), try await house.guest("Bob"))
            try await house.order(.play)
            house.clock.advance(by: .milliseconds(10_200))
            try await house.service.leave(house.party, try await house.actor(ann).person)
            let watched = try await house.state
            try await house.service.leave(house.party, try await house.actor(bob).person)
            let state = try await house.state
            #expect(watched.playing && !state.playing && state.action == "pause" && abs(state.position - 10.2) < 0.01)
        },
        Clause("nobody who has gone is made host") { house in
            try await house.enter(house.host)
            let ann = try await house.guest("Ann")
            try await house.service.leave(house.party, try await house.actor(ann).person)
            let host = try await house.actor(house.host)
            #expect(try await refusal { try await house.service.setRole(.host, of: Person(ann), in: house.party, by: host) } == "not_present")
        },
        Clause("viewers give nobody a role and show nobody out") { house in
            let (ann, bob) = (try await house.guest("Ann"), try await house.guest("Bob"))
            let actor = try await house.actor(ann)
            #expect(try await refusal { try await house.service.setRole(.host, of: Person(ann), in: house.party, by: actor) } == "grant_missing")
            #expect(try await refusal { try await house.service.showOut(Person(bob), of: house.party, by: actor, as: ann) } == "grant_missing")
        },
        Clause("who is shown out loses what they came in by, and the host stays") { house in
            try await house.enter(house.host)
            let ann = try await house.guest("Ann")
            let host = try await house.actor(house.host)
            try await house.service.showOut(Person(ann), of: house.party, by: host, as: house.host)
            #expect(try await house.told("party_member").last?["change"] == "removed")
            #expect(try await house.neighbours.resource(ann, house.party) == .session(house.party, held: []))
            #expect(try await refusal { try await house.service.showOut(host.person, of: house.party, by: host, as: house.host) } == "host_stays")
        },
        Clause("everybody's drift is told to all, and not again while nothing changes") { house in
            let ann = try await house.guest("Ann")
            try await house.report(.playing, by: ann, latency: 40)
            house.service.tellStatuses()
            house.service.tellStatuses()
            let told = house.publisher.sent.filter { $0.name == "party_status" }
            let data: StatusNews = try JSON.decode(from: try #require(told.first).data)
            #expect(told.count == 1 && data.members.map(\.drift) == [12] && data.members.map(\.latency) == [40])
        },
        Clause("who has not come in has nothing to report") { house in
            let code = try await refusal { try await house.report(.playing, by: house.host) }
            #expect(code == "not_joined")
        },
        Clause("only hosts and owners change a party; everybody is told what is new, and nobody the code") { house in
            let ann = try await house.guest("Ann")
            let actor = try await house.actor(ann)
            #expect(try await refusal { try await house.service.update(house.party, PartyChange(title: "Mine"), by: actor, as: ann) } == "grant_missing")
            try await house.update(PartyChange(title: "Saturday", waitSeconds: 3))
            let told = try #require(try await house.told("party_updated").last)
            #expect(told["title"] == "Saturday" && told["waitSeconds"] == 3 && told["accessCode"] == nil)
        },
        Clause("nothing of a party stays when its session goes") { house in
            _ = try await house.guest("Ann")
            try await house.change(.vote(try await house.queue.entries[1].id, isFor: true))
            try await house.database.write { tx in
                while try PartyBelongings().removeSome(of: house.party, limit: 2, in: tx) {}
                for table in ["parties", "party_members", "party_entries", "party_votes"] {
                    #expect(try tx.query(SQL(stringLiteral: "SELECT session_id FROM \(table)")).isEmpty)
                }
            }
        },
    ]
}
