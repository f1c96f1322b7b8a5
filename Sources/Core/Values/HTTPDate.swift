import Glibc

/// The date format of HTTP headers (RFC 9110 section 5.6.7), e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The preferred form, to the second.
    public static func text(_ time: Timestamp) -> String {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(Int(parts.tm_year) + 1900)"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(days[Int(parts.tm_wday)]), \(date) \(clock) GMT"
    }

    /// Reads the preferred form and the two obsolete ones, as every recipient has to; `nil` for anything else.
    public static func parse(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 40 else { return nil }
        let words = text.split(separator: " ")
        switch words.count {
        // Sun, 06 Nov 1994 08:49:37 GMT
        case 6 where words[5] == "GMT": return timestamp(words[1], words[2], words[3], words[4])
        // Sunday, 06-Nov-94 08:49:37 GMT
        case 4 where words[3] == "GMT":
            let date = words[1].split(separator: "-")
            guard date.count == 3, let year = number(date[2], digits: 2...2) else { return nil }
            // Nothing here is older than Unix time.
            return timestamp(date[0], date[1], year < 70 ? "20\(date[2])" : "19\(date[2])", words[2])
        // Sun Nov  6 08:49:37 1994
        case 5: return timestamp(words[2], words[1], words[4], words[3])
        default: return nil
        }
    }

    private static func timestamp(_ day: Substring, _ month: Substring, _ year: Substring, _ clock: Substring) -> Timestamp? {
        let time = clock.split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 2...2) }
        guard let month = months.firstIndex(where: { $0 == month }), let day = number(day, digits: 1...2),
            let year = number(year, digits: 4...4), time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var parts = tm()
        (parts.tm_mday, parts.tm_mon, parts.tm_year) = (day, Int32(month), year - 1900)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, min(second, 59))
        let seconds = timegm(&parts)
        // The 31st of November would be the 1st of December.
        return parts.tm_mday == day ? Timestamp(milliseconds: Int64(seconds) * 1000) : nil
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int32? {
        digits.contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int32(text) : nil
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
