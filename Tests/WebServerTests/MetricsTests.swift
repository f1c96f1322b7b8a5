import Core
import CoreMetrics
import Foundation
import Testing

@testable import WebServer

@Suite("Metrics")
struct MetricsTests {
    @Test("instruments are printed in the text format")
    func format() {
        let metrics = PrometheusMetrics()
        let counter = Counter(label: "uploads", dimensions: [("kind", "a\"b\\c\nd")], factory: metrics)
        counter.increment(by: 2)
        Gauge(label: "open.sockets", factory: metrics).record(7)
        let timer = Timer(label: "wait", factory: metrics)
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(90_000_000_000)
        let text = metrics.render()
        #expect(text.contains("# TYPE uploads_total counter\nuploads_total{kind=\"a\\\"b\\\\c\\nd\"} 2\n"))
        #expect(text.contains("# TYPE open_sockets gauge\nopen_sockets 7\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"0.0025\"} 0\nwait_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"60\"} 1\nwait_seconds_bucket{le=\"+Inf\"} 2\nwait_seconds_sum 90.003\nwait_seconds_count 2\n"))
        #expect(text.contains("process_resident_memory_bytes ") && text.contains("process_open_fds "))
    }

    @Test("the same name and labels are one series")
    func shared() {
        let metrics = PrometheusMetrics()
        for _ in 0..<3 { Counter(label: "a", dimensions: [("x", "1")], factory: metrics).increment() }
        #expect(metrics.render().contains("a_total{x=\"1\"} 3\n"))
    }

    @Test("series beyond the limit are dropped and counted")
    func limit() {
        let metrics = PrometheusMetrics(limit: 2)
        for index in 0..<5 { Counter(label: "a", dimensions: [("x", "\(index)")], factory: metrics).increment() }
        let text = metrics.render()
        #expect(text.contains("x=\"1\"") && !text.contains("x=\"2\""))
        #expect(text.contains("metrics_series_dropped_total 3\n"))
    }

    @Test("a name used for two types keeps the first, and a destroyed series is gone")
    func types() {
        let metrics = PrometheusMetrics()
        let counter = metrics.makeCounter(label: "a_total", dimensions: [])
        counter.increment(by: 1)
        Meter(label: "a_total", factory: metrics).set(9)
        #expect(metrics.render().contains("a_total 1\n") && !metrics.render().contains("a_total 9"))
        metrics.destroyCounter(counter)
        #expect(!metrics.render().contains("a_total 1"))
    }

    @Test("the processor time is found behind a name with spaces and brackets")
    func processorTime() {
        let fields = Array(repeating: "0", count: 11) + ["150", "50", "0"]
        #expect(ProcessFacts.processorTime("1 (a ) b) " + fields.joined(separator: " ")) == 2)
        #expect(ProcessFacts.processorTime("") == 0)
    }

    @Test("metrics take an administrator unless they are public", arguments: [(false, nil, 401), (false, "member", 403), (false, "admin", 200), (true, nil, 200)] as [(Bool, String?, Int)])
    func access(isPublic: Bool, token: String?, status: Int) async throws {
        try await withServer(MetricsRoutes(PrometheusMetrics(), isPublic: isPublic).routes) { port in
            let answer = try await ask(port, "GET", "/metrics", token: token)
            #expect(answer.status == status)
            if status == 200 { #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8") }
        }
    }
}
