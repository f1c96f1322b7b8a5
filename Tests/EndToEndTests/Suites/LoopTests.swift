import Core
import Foundation
import NIOHTTP1
import TestSupport
import Testing

extension EndToEnd {
    /// Whether the event loops were held up by anything. Runs after the others and counts what they did too.
    @Suite struct LoopTests {
        @Test(.enabled(if: Fixtures.has("gps.jpg")))
        func `the event loops are hardly ever late`() async throws {
            let stage = try await SharedServer.stage()
            let shoot = try await Shoot.begin(stage.ownerAPI)
            _ = try await shoot.settled(try await shoot.upload(try Fixtures.data("gps.jpg"), as: "gps.jpg"))
            for _ in 0..<Scale.requests { _ = try await shoot.owner.get("/api/photos?session=\(shoot.id)") }

            let metrics = try await stage.server.api.with(stage.adminKey).get("/metrics").text
            let total = sum(of: "lumiere_event_loop_lag_seconds_count", in: metrics)
            let inTime = sum(of: #"lumiere_event_loop_lag_seconds_bucket{le="0.05"}"#, in: metrics)
            print("event loops: \(Int(inTime)) of \(Int(total)) ticks within 50 ms")
            #expect(total > 0)
            #expect(inTime <= total)
            if Scale.isSoak { #expect(inTime / total > 0.99) }
        }

        private func sum(of series: String, in metrics: String) -> Double {
            metrics.split(separator: "\n").filter { $0.hasPrefix(series) }
                .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
        }
    }
}
