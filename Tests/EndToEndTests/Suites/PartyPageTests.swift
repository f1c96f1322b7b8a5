import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// A film on several screens, each behind a network that takes its time.
    @Suite(.enabled(if: Browser.program != nil && Tool.program("ffmpeg") != nil, "needs Chromium and ffmpeg"))
    struct PartyPageTests {
        private static let networks: [ClosedRange<Int64>] = [5...15, 30...60, 70...100]

        private static var now: Double { Date().timeIntervalSince1970 * 1000 }

        private static func gather(_ screening: Screening) async throws -> [Moviegoer] {
            var goers: [Moviegoer] = []
            for (number, delay) in networks.enumerated() {
                goers.append(try await Moviegoer.come("Guest \(number)", to: screening, delay: delay))
            }
            for goer in goers { try await goer.watch() }
            return goers
        }

        private static func togetherness(_ goers: [Moviegoer], from start: Double, to end: Double) async throws -> Togetherness {
            var sights: [[Moviegoer.Sight]] = []
            for goer in goers { sights.append(try await goer.seen()) }
            return Togetherness(sights, from: start, to: end)
        }

        private static func pause(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

        @Test func `three screens show the same moment, after each command and in between`() async throws {
            let screening = try await Screening.open(try await SharedServer.stage().ownerAPI, seconds: [120])
            let goers = try await Self.gather(screening)
            var commands: [(name: String, at: Double)] = []
            for (action, more) in [("play", [:]), ("seek", ["position": 60]), ("pause", [:]), ("play", [:])] as [(String, [String: JSONValue])] {
                let answer = try await screening.order(action, more)
                commands.append((action, answer["at"]?.asNumber ?? Self.now))
                try await Self.pause(.seconds(action == "pause" ? 2 : 6))
            }
            let steadyFrom = Self.now
            try await Self.pause(.seconds(8))
            let end = Self.now
            for (name, at) in commands {
                let soon = try await Self.togetherness(goers, from: at + 1000, to: at + 1900)
                print("one second after \(name): p95 \(Int(soon.quantile(0.95))) ms")
                #expect(soon.quantile(0.95) < 100, "\(name)")
            }
            let steady = try await Self.togetherness(goers, from: steadyFrom, to: end)
            print("steady: p50 \(Int(steady.quantile(0.5))) ms, p95 \(Int(steady.quantile(0.95))) ms, most \(Int(steady.quantile(1))) ms")
            #expect(steady.quantile(0.95) < 40)
            for goer in goers {
                #expect(goer.browser.complaints.isEmpty, "\(goer.browser.complaints)")
                try await goer.leave()
            }
        }
    }
}
