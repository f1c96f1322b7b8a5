import Core
import Synchronization
import TestSupport
import Testing

@testable import WatchParty

/// What is shown next.
enum QueueClauses {
    typealias Clause = PartyContract.Clause

    static let all = [
        Clause("films come in the order in which they were added, until somebody votes") { house in
            try await house.change(.add(house.films[2]))
            let added = try await house.change(.add(house.films[3]))
            #expect(added.entries.map(\.mediaId) == house.films)
            let voted = try await house.change(.vote(added.entries[3].id, isFor: true))
            #expect(voted.entries.map(\.mediaId) == [house.films[3], house.films[0], house.films[1], house.films[2]])
            #expect(voted.myVotes == [added.entries[3].id])
        },
        Clause("a vote counts once, and can be taken back") { house in
            let entry = try await house.queue.entries[1].id
            try await house.change(.vote(entry, isFor: true))
            #expect(try await house.change(.vote(entry, isFor: true)).entries[0].votes == 1)
            #expect(try await house.change(.vote(entry, isFor: false)).entries.map(\.votes) == [0, 0])
        },
        Clause("of votes a party is told at once, and then of all that come within a second together") { house in
            let entry = try await house.queue.entries[1].id
            let guests = [try await house.guest("Ann"), try await house.guest("Bob"), try await house.guest("Eve")]
            let (revision, keeper) = (try await house.queue.revision, PartyKeeper(service: house.service))
            for guest in guests { try await house.change(.vote(entry, isFor: true), by: guest) }
            #expect(try await house.queue.revision == revision + 1)
            #expect(try await house.queue.entries[0].votes == 3)
            await keeper.tellVotes()
            #expect(try await house.queue.revision == revision + 1)
            house.clock.advance(by: .seconds(1))
            for _ in 0..<2 { await keeper.tellVotes() }
            #expect(try await house.queue.revision == revision + 2)
        },
        Clause("who wanted to skip a film has not said so of its next showing") { house in
            try await house.enter(house.host)
            let guests = [try await house.guest("Ann"), try await house.guest("Bob"), try await house.guest("Eve"), try await house.guest("Pat")]
            let entries = try await house.queue.entries
            for guest in guests.prefix(2) { try await house.change(.skip(true), by: guest) }
            for entry in [entries[1], entries[0]] { try await house.order(.select, entry: entry.id) }
            let queue = try await house.queue
            #expect(queue.currentId == entries[0].id && queue.skipVotes == 0)
        },
        Clause("who wanted to skip the last film before its end does not when it is played again") { house in
            try await house.enter(house.host)
            let ann = try await house.guest("Ann")
            for name in ["Bob", "Eve"] { _ = try await house.guest(name) }
            try await house.order(.next)
            try await house.change(.skip(true), by: ann)
            house.clock.advance(by: .seconds(102))
            try await PartyKeeper(service: house.service).wakeForgotten()
            #expect(try await house.queue.skipVotes == 0)
        },
        Clause("a film that is no longer to be shown is passed over, and not selected") { house in
            let entries = try await house.queue.entries
            let user = try #require(house.host.userID)
            house.neighbours.state.withLock { $0.rights[user] = $0.rights[user]?.mapValues { _ in .view } }
            #expect(try await refusal { try await house.order(.select, entry: entries[1].id) } == "not_found")
            try await house.order(.next)
            #expect(try await house.state.entryId == nil)
        },
        Clause("what was put somewhere stays there, whatever is voted") { house in
            try await house.change(.add(house.films[2]))
            let entries = try await house.queue.entries
            try await house.change(.move(entries[2].id, to: 0))
            let queue = try await house.change(.vote(entries[1].id, isFor: true))
            #expect(queue.entries.map(\.mediaId) == [house.films[2], house.films[1], house.films[0]])
        },
        Clause("a film is in the queue once, and only films that one may see") { house in
            #expect(try await refusal { try await house.change(.add(house.films[0])) } == "film_queued")
            let ann = try await house.guest("Ann")
            #expect(try await refusal { try await house.change(.add(house.films[2]), by: ann) } == "not_found")
            #expect(try await refusal { try await house.change(.add(PhotoID(at: house.clock.now()))) } == "not_found")
        },
        Clause("half of those who are there skip a film together") { house in
            try await house.enter(house.host)
            let ann = try await house.guest("Ann")
            _ = try await house.guest("Bob")
            let first = try await house.change(.skip(true), by: ann)
            #expect(first.skipVotes == 1 && first.skipNeeded == 2 && first.mySkip == true)
            let second = try await house.change(.skip(true))
            #expect(second.currentId != first.currentId && second.skipVotes == 0)
            #expect(try await house.state.mediaId == house.films[1])
        },
        Clause("who has gone does not count among those who want to skip") { house in
            let ann = try await house.guest("Ann")
            for name in ["Bob", "Eve"] { _ = try await house.guest(name) }
            try await house.change(.skip(true), by: ann)
            try await house.service.leave(house.party, try await house.actor(ann).person)
            #expect(try await house.queue.skipVotes == 0)
        },
        Clause("when what is shown is taken out, the next one is shown") { house in
            let entries = try await house.queue.entries
            let queue = try await house.change(.remove(entries[0].id))
            #expect(queue.currentId == entries[1].id && queue.entries.count == 1)
            let empty = try await house.change(.remove(entries[1].id))
            #expect(empty.currentId == nil && empty.entries.isEmpty)
            #expect(try await house.state.mediaId == nil)
            #expect(try await refusal { try await house.change(.skip(true)) } == "nothing_shown")
        },
        Clause("who has not come in changes nothing and sees no film") { house in
            let entry = try #require(try await house.queue.entries.first).id
            let ann = try await house.guest("Ann")
            try await house.database.write { tx in
                try house.service.members.remove(try #require(Person(ann)), from: house.party, tx)
            }
            let codes = [
                try await refusal { try await house.change(.vote(entry, isFor: true), by: ann) },
                try await refusal { try await house.order(.play, by: ann) },
                try await refusal { try await house.service.filmView(of: entry, in: house.party, for: try await house.actor(ann), as: ann) },
            ]
            #expect(codes == ["not_joined", "not_joined", "not_joined"])
        },
        Clause("a viewer who may queue but not skip does not go on by taking out what is shown") { house in
            let ann = try await house.guest("Ann")
            let entries = try await house.queue.entries
            #expect(try await refusal { try await house.change(.remove(entries[0].id), by: ann) } == "grant_missing")
            #expect(try await refusal { try await house.order(.select, by: ann, entry: entries[1].id) } == "grant_missing")
            try await house.order(.play)
            try await house.order(.pause)
            try await house.change(.remove(entries[0].id))
            let state = try await house.state
            #expect(!state.playing && state.entryId == entries[1].id)
        },
        Clause("after the last film the next one that is added is shown, and stands") { house in
            try await house.order(.next)
            house.clock.advance(by: .seconds(102))
            try await PartyKeeper(service: house.service).wakeForgotten()
            let queue = try await house.change(.add(house.films[2]))
            let state = try await house.state
            #expect(state.mediaId == house.films[2] && !state.playing && queue.entries.count == 1)
        },
        Clause("a film is only shown to others by the staff of its session, as long as they are that") { house in
            let entry = try #require(try await house.queue.entries.first).id
            let user = try #require(house.host.userID)
            house.neighbours.state.withLock { $0.rights[user] = $0.rights[user]?.mapValues { _ in .view } }
            let host = try await house.actor(house.host)
            let codes = [
                try await refusal { try await house.change(.add(house.films[2])) },
                try await refusal { try await house.service.filmView(of: entry, in: house.party, for: host, as: house.host) },
            ]
            #expect(codes == ["not_found", "not_found"])
        },
        Clause("when somebody goes, those who want to go on may be half of those who are there") { house in
            try await house.enter(house.host)
            let guests = [try await house.guest("Ann"), try await house.guest("Bob"), try await house.guest("Eve"), try await house.guest("Pat")]
            for guest in guests.prefix(2) { try await house.change(.skip(true), by: guest) }
            let first = try await house.queue.currentId
            try await house.service.leave(house.party, try await house.actor(guests[3]).person)
            #expect(try await house.queue.currentId != first)
        },
        Clause("a queue has its bounds") { house in
            let more = (0..<QueueRules.maxEntries).map { PhotoID(at: Timestamp(milliseconds: 1000 + Int64($0))) }
            let model = try #require(house.neighbours.state.withLock { $0.films[house.films[0]] })
            house.neighbours.state.withLock { state in
                for photo in more {
                    var film = model
                    film.photoID = photo
                    state.films[photo] = film
                }
            }
            var refused: String?
            for photo in more where refused == nil {
                house.clock.advance(by: .seconds(1))
                refused = try await refusal { try await house.change(.add(photo)) }
            }
            #expect(refused == "queue_full")
            #expect(try await house.queue.entries.count == QueueRules.maxEntries)
        },
        Clause("subtitles are given as SubRip and come back as WebVTT, for everybody in the party") { house in
            let entry = try await house.queue.entries[0].id
            let srt = "1\n00:00:01,000 --> 00:00:02,500\nHello\n"
            let track = try await house.service.addSubtitles(
                Array(srt.utf8), label: "English", language: "en", to: entry, in: house.party, by: try await house.actor(house.host))
            #expect(try await house.service.subtitleText(track.id, of: house.party) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello\n")
            #expect(try await house.queue.entries[0].subtitles == 1)
            try await house.service.removeSubtitles(track.id, of: house.party, by: try await house.actor(house.host))
            #expect(try await refusal { try await house.service.subtitleText(track.id, of: house.party) } == "not_found")
        },
        Clause("subtitles go with the film that they are of, however it leaves the queue") { house in
            try await house.change(.add(house.films[2]))
            for entry in try await house.queue.entries { try await house.subtitle(entry.id) }
            try await house.change(.remove(try await house.queue.entries[2].id))
            #expect(try await house.tracks == 2)
            try await house.order(.next)
            #expect(try await house.tracks == 1)
            #expect(try await house.queue.entries.map(\.subtitles) == [1])
            try await house.enter(house.host)
            try await house.change(.skip(true))
            #expect(try await house.tracks == 0)
        },
        Clause("subtitles go with a film that has ended") { house in
            try await house.subtitle(try await house.queue.entries[0].id)
            try await house.order(.play)
            house.clock.advance(by: .seconds(101))
            try await PartyKeeper(service: house.service).wakeForgotten()
            #expect(try await house.tracks == 0)
        },
        Clause("all subtitles of a party together have their bounds") { house in
            let entries = try await house.queue.entries
            try await house.subtitle(entries[0].id)
            try await house.database.write { tx in try tx.execute("UPDATE party_subtitles SET size = \(SubtitleRules.maxBytesOfParty - 20)") }
            #expect(try await refusal { try await house.subtitle(entries[1].id) } == "too_many_subtitles")
            try await house.database.write { tx in
                try tx.execute("UPDATE party_subtitles SET size = 1")
                for number in 1..<SubtitleRules.maxTracksOfParty {
                    let track = SubtitleTrack(id: "\(number)", photoID: house.films[3], label: "x", language: nil, content: "x")
                    try house.service.subtitles.insert(track, in: house.party, at: house.clock.now(), tx)
                }
            }
            #expect(try await refusal { try await house.subtitle(entries[1].id) } == "too_many_subtitles")
            try await house.service.removeSubtitles("1", of: house.party, by: try await house.actor(house.host))
            #expect(try await refusal { try await house.subtitle(entries[1].id) } == nil)
        },
        Clause("what somebody sends as subtitles is not even read unless they may add them") { house in
            let (ann, entry) = (try await house.guest("Ann"), try await house.queue.entries[0].id)
            let actor = try await house.actor(ann)
            func send() async throws { _ = try await house.service.addSubtitles([0xFF], label: "x", language: nil, to: entry, in: house.party, by: actor) }
            #expect(try await refusal { try await send() } == "bad_subtitles")
            try await house.update(PartyChange(grants: PartyGrants(controller: [], viewer: [])))
            #expect(try await refusal { try await send() } == "grant_missing")
        },
        Clause("the library has what one may see, and what is in the party") { house in
            let own = try await house.service.library(of: house.party, for: try await house.actor(house.host), as: house.host, after: nil, limit: 3)
            #expect(own.items.count == 3 && own.nextCursor != nil)
            let ann = try await house.guest("Ann")
            #expect(try await house.service.library(of: house.party, for: try await house.actor(ann), as: ann, after: nil, limit: 3).items.isEmpty)
        },
    ]
}

extension House {
    /// The host adds subtitles to an entry.
    fileprivate func subtitle(_ entry: String) async throws {
        clock.advance(by: .seconds(6))
        _ = try await service.addSubtitles(
            Array("00:01.000 --> 00:02.000\nHi\n".utf8), label: "English", language: nil, to: entry, in: party, by: try await actor(host))
    }

    /// How many there are, of whatever film.
    fileprivate var tracks: Int {
        get async throws { try await database.read { tx in try service.subtitles.total(party, tx).tracks } }
    }
}
