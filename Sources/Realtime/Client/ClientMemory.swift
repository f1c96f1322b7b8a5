import Core

/// What a client was when it was lost: all that it takes to go on where it stopped.
struct ClientMemory: Sendable, Equatable {
    /// Where a client stood in a topic when it began to follow it.
    struct Place: Sendable, Equatable {
        /// The offset up to which it knew everything of the topic.
        var known: Int64
        /// The newest offset of other topics that it had been sent by then.
        var seenBefore: Int64

        /// The offset from which on the client may miss events of the topic.
        ///
        /// A client names the last event that it got, of whatever topic. If that is one from before it followed this topic, it says
        /// nothing about it: some events may come twice, but none stays out.
        /// - Parameter seen: what the client names.
        func since(_ seen: Int64) -> Int64 { seen > seenBefore ? seen : known }
    }

    var principal: Principal
    /// Grants it came in by, beside `principal`.
    var entries: [SessionID: GrantToken]
    /// What it followed.
    var places: [Topic: Place]
    /// The history that the offsets belong to; `nil` when it followed nothing, or parts of more than one history.
    var epoch: String?
}
