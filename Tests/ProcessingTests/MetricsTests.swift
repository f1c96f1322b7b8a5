import Core
import Foundation
import TestSupport
import Testing
import WebServer

@testable import Processing

@Suite struct MetricsTests {
    /// Waits until `/metrics` would show these lines.
    private func wait(for lines: [String], in metrics: PrometheusMetrics) async throws {
        try await eventually("\(lines)", within: .seconds(10)) {
            let shown = Set(metrics.render().split(separator: "\n").map(String.init))
            return shown.isSuperset(of: lines) ? () : nil
        }
    }

    @Test func `what waits is shown by priority, with the age of the oldest`() async throws {
        let house = try await TestHouse()
        let jobs = house.jobs
        for _ in 0..<3 { try await house.enqueue() }
        house.clock.advance(by: .seconds(7))
        let claims = [try #require(try await house.claim()), try #require(try await house.claim())]
        try await house.database.write { _ = try jobs.handOver(claims[0], in: $0) }
        house.clock.advance(by: .milliseconds(500))
        var configuration = house.configuration("/nowhere", decoders: 0)
        configuration.censusInterval = .zero
        let metrics = PrometheusMetrics()
        // Others are at work here: what they hold is not taken from them.
        var runner = house.runner(configuration, exclusive: false)
        runner.house.metrics = ProcessingMetrics(factory: metrics)
        let running = Task { [runner] in try await runner.run() }
        try await wait(
            for: [
                #"lumiere_processing_jobs_waiting{priority="thumbnail"} 1"#,
                #"lumiere_processing_jobs_waiting{priority="renditions"} 1"#,
                #"lumiere_processing_jobs_waiting{priority="rerender"} 0"#,
                #"lumiere_processing_oldest_wait_seconds{priority="thumbnail"} 7.5"#,
                #"lumiere_processing_oldest_wait_seconds{priority="renditions"} 0.5"#,
                "lumiere_processing_jobs_running 1",
            ], in: metrics)
        running.cancel()
        try await running.value
    }

    @Test(arguments: [
        ("later crash", "crashed", "decoder_crashed"), ("later not json", "violation", "decoder_crashed"),
        ("later hang", "timed_out", "timed_out"),
    ])
    func `decoders that were lost are counted by their reason`(mode: String, reason: String, code: String) async throws {
        let house = try await TestHouse()
        let metrics = PrometheusMetrics()
        var configuration = try house.script(mode)
        configuration.timeLimit = .milliseconds(700)
        try await house.running(configuration, metrics: metrics) {
            try await house.enqueue()
            try await house.recorder.wait(for: "finished")
            try await house.enqueue()
            try await house.failUntilOver("failed \(code)")
            try await wait(
                for: [
                    #"lumiere_processing_decoders_killed_total{reason="\#(reason)"} 2"#,
                    #"lumiere_processing_failures_total{code="\#(code)",final="true"} 1"#,
                ], in: metrics)
        }
    }

    @Test func `decoders that are replaced in time are counted by their reason`() async throws {
        let house = try await TestHouse()
        let metrics = PrometheusMetrics()
        var configuration = try house.script("good")
        configuration.jobsPerDecoder = 1
        for _ in 0..<2 { try await house.enqueue() }
        try await house.running(configuration, metrics: metrics) {
            try await house.recorder.wait(count: 2, of: "finished")
            // Each thumbnail and each rest was an attempt.
            try await wait(for: [#"lumiere_processing_decoders_recycled_total{reason="jobs"} 4"#], in: metrics)
        }
    }
}
