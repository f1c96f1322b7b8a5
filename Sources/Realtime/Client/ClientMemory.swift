import Core

/// What a client was when it was lost: all that it takes to go on where it stopped.
struct ClientMemory: Sendable, Equatable {
    /// Where a client stood in a topic when it began to follow it.
    struct Place: Sendable, Equatable {
        /// The offset up to which it knew everything of the topic.
        var known: Int64
        /// The newest offset of other topics that it had been sent by then.
        var seenBefore: Int64
        /// Others were made up for later, from a history that was ahead of what came of this one.
        var lag: Lag?

        /// A stretch in which an offset that the client names says little about a topic: everything of it had been sent `through`
        /// there when others were sent `until` there.
        struct Lag: Sendable, Equatable {
            var through: Int64
            var until: Int64
        }

        /// The offset from which on the client may miss events of the topic.
        ///
        /// A client names the last event that it got, of whatever topic. If that is one from before it followed this topic, it says
        /// nothing about it: some events may come twice, but none stays out.
        /// - Parameter seen: what the client names.
        func since(_ seen: Int64) -> Int64 {
            if seen <= seenBefore { return known }
            return lag.flatMap { seen <= $0.until ? min(seen, $0.through) : nil } ?? seen
        }

        /// Others are sent `until` there, while this topic has been sent `through` there.
        mutating func lagged(_ through: Int64, until: Int64) {
            lag = Lag(through: min(through, lag?.through ?? through), until: max(until, lag?.until ?? until))
        }
    }

    var principal: Principal
    /// Grants it came in by, beside `principal`.
    var entries: [SessionID: GrantToken]
    /// What it followed.
    var places: [Topic: Place]
    /// As whom others were shown it.
    var appearances: [SessionID: PresenceMember]
    /// The newest offset that it was sent, of whatever topic.
    var newest: Int64
    /// The history that the offsets belong to; `nil` when it followed nothing, parts of more than one history, or something that
    /// it was just about to follow.
    var epoch: String?

    /// Whether anything can be recovered from it.
    var isOfUse: Bool { epoch != nil && !places.isEmpty }
}

extension Topic {
    /// Everything that is told of a session.
    static func all(of session: SessionID) -> [Topic] { [.session(session), .desk(session), .party(session)] }

    /// The session whose events the least privileged guest may see here.
    var session: SessionID? { if case .session(let id) = self { id } else { nil } }

    /// The session whose guests may follow it by what they came in by.
    var guestSession: SessionID? {
        switch self {
        case .session(let id), .party(let id): id
        case .desk, .user, .everyone: nil
        }
    }
}
