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

    struct Instruments {
        fileprivate let count: Counter
        fileprivate let duration: Timer

        func record(_ duration: Duration) {
            count.increment()
            let (seconds, attoseconds) = duration.components
            self.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }

    private let instruments = NIOLockedValueBox<[Key: Instruments]>([:])
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    func record(route: String, method: String, status: Int, duration: Duration) {
        instruments(route: route, method: method, status: status).record(duration)
    }

    func instruments(route: String, method: String, status: Int) -> Instruments {
        let key = Key(route: route, method: Self.methods.contains(method) ? method : "OTHER", status: status)
        return instruments.withLockedValue { known in
            if let instruments = known[key] { return instruments }
            let made = Self.make(key)
            known[key] = made
            return made
        }
    }

    private static func make(_ key: Key) -> Instruments {
        let place = [("route", key.route), ("method", key.method)]
        return Instruments(
            count: Counter(label: "http_requests", dimensions: place + [("status", String(key.status))]),
            duration: Timer(label: "http_request_duration", dimensions: place))
    }
}
