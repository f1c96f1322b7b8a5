public import CoreMetrics
import Synchronization

/// Keeps the process's metrics and prints them in the Prometheus text format (version 0.0.4).
///
/// Bootstrap it with `MetricsSystem.bootstrap(_:)`. Counters end in `_total`; timers are histograms in `_seconds`;
/// aggregating recorders are histograms; everything else is a gauge.
public final class PrometheusMetrics: MetricsFactory {
    private struct Family: Sendable {
        let type: String
        var series: [String: any MetricSeries] = [:]
    }

    private struct State: Sendable {
        var families: [String: Family] = [:]
        var count = 0
        var dropped = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    private let discarding = DiscardingSeries()

    /// - Parameter limit: series kept altogether; measurements of further ones are dropped and counted.
    public init(limit: Int = 5000) { self.limit = limit }

    /// All samples, sorted, with the process's own.
    public func render() -> String {
        let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.type)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.render(name, labels, into: &text) }
        }
        text += "# TYPE metrics_series_dropped_total counter\n"
        text += Sample.line("metrics_series_dropped_total", "", Double(dropped))
        return text + ProcessFacts.read().text
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, "_total", "counter", dimensions) { CounterSeries() } ?? discarding
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, "_total", "counter", dimensions) { CounterSeries() } ?? discarding
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, "", "gauge", dimensions) { GaugeSeries() } ?? discarding
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return series(label, "", "gauge", dimensions) { GaugeSeries() } ?? discarding }
        let made = series(label, "", "histogram", dimensions) { HistogramSeries(bounds: HistogramSeries.magnitudes) }
        return made ?? discarding
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let made = series(label, "_seconds", "histogram", dimensions) { HistogramSeries(bounds: HistogramSeries.seconds) }
        return made ?? discarding
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// The series of that name and labels, made when it is new; `nil` when there are too many, or when the name is
    /// taken by a metric of another type.
    private func series<Kind: MetricSeries>(
        _ label: String, _ suffix: String, _ type: String, _ dimensions: [(String, String)], make: () -> Kind
    ) -> Kind? {
        let plain = Sample.name(label)
        let name = plain.hasSuffix(suffix) ? plain : plain + suffix
        let labels = Sample.labels(dimensions)
        return state.withLock { state in
            if let known = state.families[name]?.series[labels] { return known as? Kind }
            let family = state.families[name]
            guard state.count < limit, family == nil || family?.type == type else {
                state.dropped += 1
                return nil
            }
            let made = make()
            state.families[name, default: Family(type: type)].series[labels] = made
            state.count += 1
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                for (labels, series) in family.series where series === handler {
                    state.families[name]?.series[labels] = nil
                    state.count -= 1
                }
            }
        }
    }
}
