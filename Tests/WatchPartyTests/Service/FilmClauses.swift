import Core
import TestSupport
import Testing

@testable import WatchParty

/// What is done to the film.
enum FilmClauses {
    typealias Clause = PartyContract.Clause

    static let all = [
        Clause("the first film of a new party is shown and stands at its beginning") { house in
            let state = try await house.state
            #expect(state.mediaId == house.films[0] && !state.playing && state.position == 0 && state.duration == 100)
        },
        Clause("a command takes effect a little ahead, and everybody is told the truth that its author is") { house in
            let answer = try await house.order(.play)
            #expect(answer.playing && answer.action == "play" && answer.by?.name == "Olga")
            #expect(answer.at == house.clock.now().milliseconds + 200)
            let told = try #require(try await house.told("party_state").last)
            #expect(told["sequence"]?.integerValue == answer.sequence && told["playing"] == true)
        },
        Clause("the farther away somebody is, the farther ahead it takes effect") { house in
            let guest = try await house.guest("Ann")
            try await house.report(.paused, by: guest, latency: 400)
            await house.service.writeNotes()
            let answer = try await house.order(.play)
            #expect(answer.at == house.clock.now().milliseconds + 800)
        },
        Clause("a command that is based on another truth is refused with the one there is") { house in
            let old = try await house.state.sequence
            try await house.order(.play)
            do {
                try await house.order(.seek, basedOn: old, position: 50)
                Issue.record("It was not refused.")
            } catch let problem as Problem {
                #expect(problem.status == 409 && problem.code == "stale")
                #expect(problem.members["state"]?["playing"] == true)
            }
            #expect(try await house.state.position == 0)
        },
        Clause("what is so already makes no new truth and tells nobody") { house in
            let before = try await house.told("party_state").count
            try await house.order(.pause)
            #expect(try await house.told("party_state").count == before)
        },
        Clause("who may not play is refused, and who may not seek neither") { house in
            let guest = try await house.guest("Ann")
            try await house.update(PartyChange(grants: PartyGrants(controller: [], viewer: [.chat])))
            #expect(try await refusal { try await house.order(.play, by: guest) } == "grant_missing")
            #expect(try await refusal { try await house.order(.seek, by: guest, position: 3) } == "grant_missing")
            #expect(try await refusal { try await house.order(.play) } == nil)
        },
        Clause("the truth is the same for a server that was started again") { house in
            try await house.order(.play)
            house.clock.advance(by: .seconds(30))
            let party = try await house.database.read { tx in try house.service.find(house.party, tx) }
            #expect(abs(party.room.position(at: house.clock.now()) - 29.8) < 0.001)
        },
        Clause("somebody whose film stops is waited for and named, and then it goes on by itself") { house in
            let guest = try await house.guest("Ann")
            try await house.report(.paused, by: guest)
            try await house.order(.play)
            house.clock.advance(by: .seconds(10))
            try await house.report(.buffering, by: guest)
            let held = try await house.state
            #expect(held.held && !held.playing && held.waitingFor.map(\.person.name) == ["Ann"])
            house.clock.advance(by: .seconds(3))
            try await house.report(.ready, by: guest)
            let state = try await house.state
            #expect(state.playing && state.action == "resume" && abs(state.position - held.position) < 0.001)
        },
        Clause("who has just come and still opens the film pauses nobody") { house in
            try await house.order(.play)
            house.clock.advance(by: .seconds(10))
            let guest = try await house.guest("Ann")
            try await house.report(.buffering, by: guest)
            let state = try await house.state
            #expect(state.playing && !state.held)
        },
        Clause("an older buffering that comes late does not undo a seek") { house in
            let guest = try await house.guest("Ann")
            try await house.report(.playing, by: guest)
            try await house.order(.play)
            house.clock.advance(by: .seconds(10))
            let seek = try await house.order(.seek, position: 50)
            house.clock.advance(by: .milliseconds(-150))
            try await house.report(.buffering, by: guest)
            let held = try await house.state
            #expect(held.held && held.position == 50 && held.at == seek.at)
            #expect(held.waitingFor.map(\.until) == [seek.at - 200 + 10_000], "the wait begins when the room was changed last")
        },
        Clause("what has to wait for its turn happens when that has come, not when it was asked") { house in
            let late = house.late { house.clock.advance(by: .seconds(3)) }
            let order = PartyOrder(action: .play, sequence: try await house.state.sequence)
            let answer = try await late.carryOut(order, in: house.party, by: try await house.actor(house.host))
            #expect(answer.at == house.clock.now().milliseconds + 200 && answer.serverTime == house.clock.now().milliseconds)
        },
        Clause("a clock that was quite wrong once does not hold up a party") { house in
            let guest = try await house.guest("Ann")
            house.clock.advance(by: .seconds(3600))
            try await house.order(.seek, by: guest, position: 50)
            house.clock.advance(by: .seconds(-3600))
            #expect(try await house.order(.play).at == house.clock.now().milliseconds + 200)
        },
        Clause("who was waited for is ready on another server, too") { house in
            let guest = try await house.guest("Ann")
            try await house.report(.paused, by: guest)
            try await house.order(.play)
            house.clock.advance(by: .seconds(10))
            try await house.report(.buffering, by: guest)
            house.service.floor.forget(house.party)
            try await house.enter(guest)
            try await house.report(.playing, by: guest)
            #expect(try await house.state.playing)
        },
        Clause("nobody is waited for longer than was agreed, whichever server looks") { house in
            let guest = try await house.guest("Ann")
            try await house.report(.paused, by: guest)
            try await house.order(.play)
            house.clock.advance(by: .seconds(5))
            try await house.report(.buffering, by: guest)
            house.clock.advance(by: .seconds(11))
            try await PartyKeeper(service: house.service).wakeForgotten()
            #expect(try await house.state.playing)
        },
        Clause("who goes is not waited for any longer") { house in
            try await house.enter(house.host)
            let guest = try await house.guest("Ann")
            try await house.report(.paused, by: guest)
            try await house.order(.play)
            house.clock.advance(by: .seconds(5))
            try await house.report(.buffering, by: guest)
            try await house.service.leave(house.party, try await house.actor(guest).person)
            #expect(try await house.state.playing)
        },
        Clause("at the end of the film the next one begins, and the one before has left the queue") { house in
            try await house.order(.play)
            house.clock.advance(by: .seconds(101))
            try await PartyKeeper(service: house.service).wakeForgotten()
            let (state, queue) = (try await house.state, try await house.queue)
            #expect(state.mediaId == house.films[1] && state.playing && state.action == "next")
            #expect(queue.entries.map(\.mediaId) == [house.films[1]])
        },
        Clause("after the last film the party stands at its end") { house in
            try await house.order(.next)
            house.clock.advance(by: .seconds(102))
            try await PartyKeeper(service: house.service).wakeForgotten()
            let state = try await house.state
            #expect(!state.playing && state.action == "end" && state.position == 100)
        },
        Clause("what nobody has put into the queue cannot be shown") { house in
            let codes = [try await refusal { try await house.order(.select, entry: "none") }, try await refusal { try await house.order(.select) }]
            #expect(codes == ["not_found", "invalid_field"])
        },
        Clause("a film's address opens that film alone, and nothing of a film that nobody has queued is told") { house in
            let entry = try #require(try await house.queue.entries.first)
            let film = try await house.service.filmView(of: entry.id, in: house.party, for: try await house.actor(house.host), as: house.host)
            #expect(film.title == "Film 0" && film.subtitles.isEmpty)
            #expect(try await refusal { try await house.service.filmView(of: "x", in: house.party, for: try await house.actor(house.host), as: house.host) } == "not_found")
        },
        Clause("a reaction floats by with the moment of the film") { house in
            try await house.order(.play)
            house.clock.advance(by: .milliseconds(10_200))
            try await house.service.react("🎉", in: house.party, by: try await house.actor(house.host))
            let event = try #require(house.publisher.sent.last)
            let data: ReactionNews = try JSON.decode(from: event.data)
            #expect(event.name == "party_reaction" && data.emoji == "🎉" && data.position == 10)
            #expect(try await refusal { try await house.service.react("hello", in: house.party, by: try await house.actor(house.host)) } == "invalid_field")
        },
        Clause("what is said is dated by the film") { house in
            try await house.order(.play)
            house.clock.advance(by: .milliseconds(5_200))
            let person = try await house.actor(house.host).person
            let scene = try await house.database.read { tx in
                try house.service.scene(in: house.party, for: person, at: house.clock.now(), transaction: tx)
            }
            #expect(scene == PartyScene(moment: FilmMoment(mediaId: house.films[0], position: 5), maySpeak: true))
        },
    ]
}
