import CoreMetrics
import Synchronization

/// One line or block of the Prometheus text format (version 0.0.4).
protocol MetricSeries: AnyObject, Sendable {
    /// Appends the samples.
    /// - Parameters:
    ///   - name: the metric's name.
    ///   - labels: `a="b",c="d"`, already escaped; empty without labels.
    func render(_ name: String, _ labels: String, into text: inout String)
}

/// What only goes up.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler, MetricSeries {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }

    func render(_ name: String, _ labels: String, into text: inout String) {
        text += Sample.line(name, labels, value.withLock { $0 })
    }
}

/// What goes up and down.
final class GaugeSeries: MeterHandler, RecorderHandler, MetricSeries {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func render(_ name: String, _ labels: String, into text: inout String) {
        text += Sample.line(name, labels, value.withLock { $0 })
    }
}

/// How many measurements lie below which bounds.
final class HistogramSeries: TimerHandler, RecorderHandler, MetricSeries {
    private struct State {
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: ascending upper bounds, inclusive.
    init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Seconds: from a cached answer to a long upload.
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// Sizes and counts: powers of ten.
    static let magnitudes = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func render(_ name: String, _ labels: String, into text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (count, bound) in zip(counts, bounds.map { Sample.text($0) } + ["+Inf"]) {
            total += count
            text += Sample.line(name + "_bucket", prefix + "le=\"\(bound)\"", Double(total))
        }
        text += Sample.line(name + "_sum", labels, sum)
        text += Sample.line(name + "_count", labels, Double(total))
    }
}

/// Takes what came after the limit on series was reached.
final class DiscardingSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    func increment(by: Int64) {}
    func increment(by: Double) {}
    func decrement(by: Double) {}
    func reset() {}
    func set(_ value: Int64) {}
    func set(_ value: Double) {}
    func record(_ value: Int64) {}
    func record(_ value: Double) {}
    func recordNanoseconds(_ duration: Int64) {}
}

/// The notation of the text format.
enum Sample {
    static func line(_ name: String, _ labels: String, _ value: Double) -> String {
        labels.isEmpty ? "\(name) \(text(value))\n" : "\(name){\(labels)} \(text(value))\n"
    }

    static func text(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? (value.isFinite ? "\(value)" : value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf")
    }

    /// Names consist of letters, digits, `_` and `:`, and do not begin with a digit.
    static func name(_ label: String) -> String {
        let letters = label.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", ":": Character(scalar)
            default: "_"
            }
        }
        let name = String(letters)
        return name.first.map { $0.isNumber } ?? true ? "_" + name : name
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { "\(name($0.0))=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
