import CoreMetrics
import Metrics
import NIOConcurrencyHelpers

/// Counts and times requests by route pattern, method and status. The label sets are bounded by the declared routes.
final class RequestMetrics: Sendable {
    struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Instruments {
        let count: Counter
        let duration: Timer
    }

    private let instruments = NIOLockedValueBox<[Key: Instruments]>([:])
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    func record(route: String, method: String, status: Int, duration: Duration) {
        let key = Key(route: route, method: Self.methods.contains(method) ? method : "OTHER", status: status)
        let instruments = instruments.withLockedValue { known in
            if let instruments = known[key] { return instruments }
            let made = Self.make(key)
            known[key] = made
            return made
        }
        instruments.count.increment()
        let (seconds, attoseconds) = duration.components
        instruments.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private static func make(_ key: Key) -> Instruments {
        let place = [("route", key.route), ("method", key.method)]
        return Instruments(
            count: Counter(label: "http_requests", dimensions: place + [("status", String(key.status))]),
            duration: Timer(label: "http_request_duration", dimensions: place))
    }
}
