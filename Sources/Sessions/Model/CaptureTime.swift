import Core

/// Capture times as cameras write them: RFC 3339, without an offset when the camera did not know it.
enum CaptureTime {
    /// The moment; a time without an offset is taken as UTC, which puts those of one camera into the right order.
    static func moment(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        return Timestamp(text) ?? Timestamp(text + "Z")
    }

    /// The same time of day, so much later, written in UTC.
    static func shifted(_ time: Timestamp, by milliseconds: Int64) -> String {
        Timestamp(milliseconds: time.milliseconds + milliseconds).description
    }
}
