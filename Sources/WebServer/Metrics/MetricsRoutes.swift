import Core
import Foundation

/// `GET /metrics` for Prometheus.
public struct MetricsRoutes: Sendable {
    private let metrics: PrometheusMetrics
    private let isPublic: Bool

    /// - Parameter isPublic: whether to answer everybody, for a port that only the scraper reaches. Otherwise it takes
    ///   an administrator's token or key.
    public init(_ metrics: PrometheusMetrics, isPublic: Bool = false) {
        self.metrics = metrics
        self.isPublic = isPublic
    }

    public var routes: [Route] {
        [
            Route(
                .get, "/metrics", isPublic ? .readPublic : .readMetrics, "Metrics in the Prometheus text format.",
                tag: "Operation", output: .bytes(.ok, contentType: "text/plain")
            ) { _ in
                .bytes(Data(metrics.render().utf8), type: "text/plain; version=0.0.4; charset=utf-8", headers: [.cacheControl: "no-store"])
            }
        ]
    }
}
