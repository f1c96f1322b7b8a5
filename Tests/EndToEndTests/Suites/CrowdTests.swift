import Core
import Foundation
import NIOCore
import TestSupport
import Testing

extension EndToEnd {
    /// Very many clients of `/ws`, and a few that spoil it.
    @Suite struct CrowdTests {
        // MARK: Many

        @Test(.timeLimit(.minutes(Scale.isSoak ? 10 : 2)))
        func `very many idle clients cost little, and each is told`() async throws {
            let stage = try await Stage.build()
            let crowd = Crowd(port: stage.server.port)
            // What the first ones cost is not theirs.
            try await crowd.come(try await stage.manners(100))
            try await stage.announce(1, to: crowd)
            let before = try stage.server.memory()
            let start = ContinuousClock.now
            try await crowd.come(try await stage.manners(Scale.idlers))
            let arrival = start.duration(to: .now)
            let each = (try stage.server.memory() - before) / Scale.idlers
            let time = try await stage.announce(2, to: crowd)
            let afterwards = (try stage.server.memory() - before) / Scale.idlers
            print("idle clients: \(Scale.idlers) in \(arrival), \(each) bytes of memory each, \(afterwards) once all were told something, which took \(time)")
            if Scale.isSoak { #expect(afterwards < 32 << 10) }
            #expect(time < .seconds(10))
            try await stage.end(crowd)
        }

        @Test(.timeLimit(.minutes(Scale.isSoak ? 10 : 2)))
        func `many that come back at once get what they missed, each of them`() async throws {
            let stage = try await Stage.build()
            let crowd = Crowd(port: stage.server.port)
            let tokens = try await stage.tokens(Scale.returners)
            try await crowd.come(try tokens.map { try stage.manner($0) })
            try await stage.announce(1, to: crowd)
            let places = try await crowd.look { $0.map(\.place) }
            try await crowd.cut()
            for number in 2...21 { try await stage.announcer.announce(number, to: stage.topic) }
            let pulse = Pulse(port: stage.server.port)
            let start = ContinuousClock.now
            let manners = try zip(tokens, places).map { token, place in try stage.manner(token, since: try #require(place)) }
            try await crowd.come(manners, rush: .max)
            try await crowd.all("everything that was missed") { $0.heard.count >= 20 }
            let time = start.duration(to: .now)
            let heard = try await pulse.stop()
            print("clients that come back: \(Scale.returners), each with 20 events, in \(time); answers of /health/live within \(heard.worst)")
            try await stage.announce(22, to: crowd)
            let isRight = try await crowd.look { $0.map { $0.isRecovered && $0.heard.map(\.number) == Array(2...22) } }
            #expect(isRight.count == Scale.returners && isRight.allSatisfy { $0 })
            #expect(heard.faults.isEmpty)
            try await stage.end(crowd)
        }

        // MARK: Slow

        @Test(.timeLimit(.minutes(Scale.isSoak ? 10 : 2)))
        func `a client that stops reading is closed as slow, and the others get everything meanwhile`() async throws {
            let stage = try await Stage.build()
            let (readers, stalled) = (Crowd(port: stage.server.port), Crowd(port: stage.server.port))
            try await readers.come(try await stage.manners(Scale.readers))
            var manner = try await stage.manners(1)
            manner[0].receiveBuffer = 4096
            try await stalled.come(manner)
            try await stalled.read(false, 0)
            let before = try stage.server.forgetPeakMemory()
            var times: [Duration] = []
            while try await stage.connections() > Scale.readers {
                // Two at once, less than may wait for anybody.
                try await stage.announcer.announce(2 * times.count + 1, to: stage.topic, padding: 240_000)
                times.append(try await stage.announce(2 * times.count + 2, to: readers, padding: 240_000))
                try #require(times.count < 50, "the server keeps everything for a client that does not read")
            }
            let growth = try stage.server.peakMemory() - before
            try await stalled.read(true, 0)
            try await stalled.all("the stalled client to be closed") { $0.isClosed }
            let end = try await stalled.look { ($0[0].closeCode, $0[0].heard.map(\.number)) }
            print("a client that stops reading among \(Scale.readers): closed with \(end.0 ?? 0) after \(2 * times.count) events of 240 kB, of which it got",
                "\(end.1.count); the others had each two of them within \(times.max() ?? .zero); the server grew by \(growth >> 10) KiB")
            #expect(end.0 == 3008)
            #expect(end.1 == Array(1...max(1, end.1.count)))
            let numbers = Array(1...(2 * times.count))
            #expect(try await readers.look { $0.allSatisfy { $0.heard.map(\.number) == numbers } })
            // All of them together got some gigabytes each time.
            #expect(times.allSatisfy { $0 < .seconds(Scale.isSoak ? 20 : 5) })
            try await stalled.leave()
            try await stage.end(readers)
        }
    }
}

extension EndToEnd.CrowdTests {
    /// A server of its own with a session.
    struct Stage {
        let server: ServerProcess
        let shoot: Shoot
        let topic: Topic
        let announcer: Announcer

        static func build() async throws -> Stage {
            let server = try await ServerProcess.start(variables: ["LUMIERE_METRICS_PUBLIC": "true"])
            let shoot = try await Shoot.begin(try server.newcomer())
            return Stage(
                server: server, shoot: shoot, topic: .session(try #require(SessionID(shoot.id))),
                announcer: try await Announcer.open(beside: server))
        }

        // MARK: Clients

        /// Lets guests in by the code.
        /// - Returns: their tokens.
        func tokens(_ count: Int) async throws -> [String] {
            var tokens: [String] = []
            while tokens.count < count { tokens.append(try await shoot.guest("Guest \(tokens.count)").token ?? "") }
            return tokens
        }

        /// Clients that want to follow the session; some of them are one guest, who may join a hundred times at once.
        func manners(_ count: Int) async throws -> [Crowd.Manner] {
            let tokens = try await tokens((count + 99) / 100)
            return try (0..<count).map { try manner(tokens[$0 / 100]) }
        }

        func manner(_ token: String, since place: (epoch: String, offset: Int64)? = nil) throws -> Crowd.Manner {
            Crowd.Manner(opening: try ClientFrame.joining(shoot.id, token: token, since: place))
        }

        func end(_ crowd: Crowd) async throws {
            try await crowd.leave()
            try await announcer.close()
            try await server.kill9()
        }

        // MARK: Events

        /// Commits an event and waits until all of a crowd have it.
        /// - Returns: how long that took.
        @discardableResult
        func announce(_ number: Int, to crowd: Crowd, padding: Int = 0) async throws -> Duration {
            let start = NIODeadline.now()
            try await announcer.announce(number, to: topic, padding: padding)
            try await crowd.all("event \(number) to come to everybody") { $0.heard.last?.number ?? 0 >= number }
            let last = try await crowd.look { $0.compactMap { $0.heard.last?.at }.max() }
            return .nanoseconds(((last ?? start) - start).nanoseconds)
        }

        /// Open connections, as the server counts them.
        func connections() async throws -> Int {
            let metrics = try await server.api.get("/metrics").text
            let line = metrics.split(separator: "\n").first { $0.hasPrefix(#"lumiere_realtime_connections{wire="ws"}"#) }
            return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
        }
    }
}
