import Core
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Very many who watch one film.
    @Suite(.enabled(if: Tool.program("ffmpeg") != nil, "needs ffmpeg"))
    struct PartyCrowdTests {
        @Test(.timeLimit(.minutes(Scale.isSoak ? 10 : 3)))
        func `a large party costs less than a processor, and each change is with everybody at once`() async throws {
            let server = try await ServerProcess.start()
            let screening = try await Screening.open(try server.newcomer(), seconds: [120], settings: ["capacity": 1000])
            let crowd = Crowd(port: server.port)
            try await crowd.come(try await Self.manners(Scale.watchers, of: screening))
            let before = try server.processorTime()
            let start = ContinuousClock.now
            var times: [Duration] = []
            for second in 0..<Scale.watching {
                try await Self.report(second, crowd, of: screening)
                if second.isMultiple(of: 2) { times += try await Self.change(second, crowd, of: screening) }
                try await Task.sleep(until: start.advanced(by: .seconds(second + 1)), clock: .continuous)
            }
            let share = Double((try server.processorTime() - before).milliseconds) / Double(start.duration(to: .now).milliseconds)
            let nearlyWorst = times.sorted()[(times.count - 1) * 99 / 100]
            print("a party of \(Scale.watchers): \(share) of a processor, changes with 99 of 100 within \(nearlyWorst), with all within \(times.max() ?? .zero)")
            #expect(share < 1)
            #expect(nearlyWorst < .milliseconds(Scale.isSoak ? 100 : 1000))
            try await crowd.leave()
            try await server.kill9()
        }

        private static func manners(_ count: Int, of screening: Screening) async throws -> [Crowd.Manner] {
            var manners: [Crowd.Manner] = []
            while manners.count < count {
                let token = try await screening.guest("Guest \(manners.count)").token ?? ""
                var manner = Crowd.Manner(opening: try ClientFrame.joining(party: screening.id, token: token))
                manner.mark = #""sequence":"#
                manners.append(manner)
            }
            return manners
        }

        /// A tenth of them say how they are each second, as they are asked to, and each asks for the time every five.
        private static func report(_ second: Int, _ crowd: Crowd, of screening: Screening) async throws {
            let party = JSONValue.string(screening.id)
            try await crowd.say { index in
                var words = ByteBuffer()
                if index % 10 == second % 10 {
                    let drift = JSONValue.integer(Int64.random(in: -60...60))
                    words.writeImmutableBuffer(
                        try ClientFrame.command("party_status", ["partyId": party, "state": "playing", "drift": drift, "latency": 40]))
                }
                if index % 5 == second % 5 { words.writeImmutableBuffer(try ClientFrame.command("party_clock", ["t0": 1])) }
                return words
            }
        }

        /// Changes something.
        /// - Returns: how long it took until each of them knew.
        private static func change(_ second: Int, _ crowd: Crowd, of screening: Screening) async throws -> [Duration] {
            let truth = try await screening.state["sequence"] ?? 0
            let start = NIODeadline.now()
            let action: (String, [String: JSONValue]) = second % 4 == 0 ? ("seek", ["position": .integer(Int64(second + 1))]) : ("play", ["position": 3])
            let order = action.1.merging(["action": .string(action.0), "sequence": truth]) { $1 }
            let sequence = try await screening.host.json(.POST, "/api/parties/\(screening.id)/commands", .object(order))["sequence"]?.integerValue ?? 0
            try await crowd.all("truth \(sequence) to come to everybody") { ($0.heard.last?.number ?? 0) >= sequence }
            return try await crowd.look { $0.compactMap { $0.heard.last { $0.number == sequence }?.at }.map { .nanoseconds(($0 - start).nanoseconds) } }
        }
    }
}
