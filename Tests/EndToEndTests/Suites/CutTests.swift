import Core
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Followers whose connections break all the time, while two hundred events a second happen in two sessions.
    @Suite struct CutTests {
        private static let rate = 200

        @Test(.timeLimit(.minutes(Scale.isSoak ? 10 : 2)), arguments: [false, true])
        func `whoever is cut off at random misses nothing and gets nothing twice, or is told`(isServerKilled: Bool) async throws {
            let stage = try await Stage.build()
            let followers = stage.followers()
            let ends = Inbox<[String: Int64]>(limit: 1)
            let start = ContinuousClock.now
            let published = try await withThrowingTaskGroup(of: Void.self) { group in
                for follower in followers { group.addTask { try await follower.run { ends.elements.first } } }
                if isServerKilled { group.addTask { try await stage.killAgainAndAgain() } }
                let published = try await stage.publish()
                ends.push(try await stage.lastOffsets())
                try await group.waitForAll()
                return published
            }
            print("cut connections\(isServerKilled ? " and a server that is killed" : ""): \(published) events; \(start.duration(to: .now))")
            for follower in followers { try await stage.expectCompleteness(of: follower, isServerKilled) }
            try await stage.announcer.close()
            try await stage.server.terminate()
        }
    }
}

extension EndToEnd.CutTests {
    fileprivate struct Stage {
        let server: ServerProcess
        let places: [Follower.Place]
        let announcer: Announcer

        static func build() async throws -> Stage {
            let server = try await ServerProcess.start()
            var places: [Follower.Place] = []
            for _ in 0..<2 {
                let shoot = try await Shoot.begin(try server.newcomer())
                places.append(Follower.Place(shoot: shoot, guest: try await shoot.guest()))
            }
            return Stage(server: server, places: places, announcer: try await Announcer.open(beside: server))
        }

        /// Some on each wire; a stream of events is of one session.
        func followers() -> [Follower] {
            FollowerWire.allCases.flatMap { wire in
                (0..<Scale.followers).map { number in
                    let places = wire == .eventStream ? [places[number % 2]] : places
                    return Follower(wire, port: server.port, places, seed: UInt64(number + 1))
                }
            }
        }

        private var topics: [Topic] { places.compactMap { SessionID($0.id).map(Topic.session) } }

        // MARK: What happens

        /// Commits events one by one, some of them at the same time.
        /// - Returns: how many.
        func publish() async throws -> Int {
            let start = ContinuousClock.now
            let (atOnce, topics) = (4, topics)
            let total = Scale.cutting * EndToEnd.CutTests.rate
            for first in stride(from: 1, through: total, by: atOnce) {
                try await Task.sleep(until: start + .seconds(1) / EndToEnd.CutTests.rate * first, clock: .continuous)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in first..<first + atOnce {
                        group.addTask { try await announcer.announce(number, to: topics[Int.random(in: 0...1)]) }
                    }
                    try await group.waitForAll()
                }
            }
            return total
        }

        /// Kills the server, wherever it is, and starts it again at once; the events go on.
        func killAgainAndAgain() async throws {
            let end = ContinuousClock.now + .seconds(Scale.cutting - 2)
            while ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(Int.random(in: 800...(Scale.isSoak ? 8000 : 1600))))
                try await server.kill9()
                try await server.restart()
            }
        }

        func lastOffsets() async throws -> [String: Int64] {
            var last: [String: Int64] = [:]
            for (place, topic) in zip(places, topics) { last[place.id] = try await announcer.offsets(of: topic).last }
            return last
        }

        // MARK: What was told

        /// From the beginning of each stay on everything has come, once and in order, up to where it ended.
        func expectCompleteness(of follower: Follower, _ isServerKilled: Bool) async throws {
            let (stays, count) = (await follower.stays, await follower.count)
            var total = 0
            for (place, topic) in zip(places, topics) {
                let all = try await announcer.offsets(of: topic)
                for stay in stays[place.id] ?? [] {
                    #expect(stay.offsets == all.filter { $0 > stay.since && $0 <= stay.place }, "\(follower.wire)")
                    total += stay.offsets.count
                }
            }
            print("  \(follower.wire): \(total) events over \(count)")
            #expect(count.connections > Scale.cutting / 4)
            // Nobody is away for long as long as there is a server.
            if !isServerKilled { #expect(count.lost == 0, "\(follower.wire)") }
        }
    }
}
