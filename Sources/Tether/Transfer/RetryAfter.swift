import Core
import Foundation

/// The `Retry-After` header (RFC 9110 section 10.2.3).
enum RetryAfter {
    /// Nobody is made to wait longer: a live event goes on.
    static let longest: Duration = .seconds(300)

    /// Seconds or a date; `nil` for anything else.
    static func parse(_ text: String, at now: Timestamp) -> Duration? {
        if let seconds = Int64(text), seconds >= 0 { return min(.seconds(seconds), longest) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text).map { min(max(.zero, Timestamp($0) - now), longest) }
    }
}
