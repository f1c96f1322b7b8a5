import Core

/// A moment as Signature Version 4 writes it.
struct SigningTime: Sendable, Equatable {
    /// `20130524T000000Z`.
    let text: String
    /// `20130524`.
    var day: String { String(text.prefix(8)) }

    init(_ time: Timestamp) {
        // From 2013-05-24T00:00:00.000Z; years beyond 9999 do not occur.
        text = time.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
