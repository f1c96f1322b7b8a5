import Core
import Foundation

/// Capture times as cameras write them: RFC 3339, without an offset when the camera did not know it.
enum CaptureTime {
    /// The moment.
    /// - Parameter zone: whose time of day a text without an offset says.
    static func moment(_ text: String?, in zone: TimeZone = .gmt) -> Timestamp? {
        guard let text else { return nil }
        return Timestamp(text) ?? Timestamp(text + "Z").map { moment(ofLocal: $0, in: zone) }
    }

    /// The same time of day, so much later, which knows as much about its offset as before.
    static func shifted(_ text: String, by milliseconds: Int64) -> String? {
        func later(_ time: Timestamp) -> String { Timestamp(milliseconds: time.milliseconds + milliseconds).description }
        return Timestamp(text).map(later) ?? Timestamp(text + "Z").map { String(later($0).dropLast()) }
    }

    /// - Parameter local: the time of day, as if it were that of UTC. One that clocks have skipped counts as an hour later.
    private static func moment(ofLocal local: Timestamp, in zone: TimeZone) -> Timestamp {
        let near = local.date.addingTimeInterval(-Double(zone.secondsFromGMT(for: local.date)))
        return local - .seconds(zone.secondsFromGMT(for: near))
    }
}
