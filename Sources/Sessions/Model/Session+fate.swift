import Core

extension Session {
    /// What becomes of a session by itself.
    enum Fate: Sendable, Equatable {
        case archived
        /// Its managers are told that it is about to be deleted.
        case warned
        case deleted
    }

    /// How long before its deletion the managers are told, at least.
    static let notice = Duration.seconds(7 * 86_400)

    /// What its retention counts from: when somebody ended it, or else when it was to end; never from before it was taken over, for
    /// nobody wants it gone who has just done that.
    var end: Timestamp? { (history.endedAt ?? occasion.endsAt).map { max($0, history.importedAt ?? $0) } }

    /// When its retention wants it deleted; `nil` for never.
    var wantedDeletion: Timestamp? {
        guard let days = settings.retention?.deleteAfterDays else { return nil }
        return end.map { $0 + .days(days) }
    }

    /// When it is deleted by itself: never before its managers had their notice.
    var deletionAt: Timestamp? {
        wantedDeletion.map { wanted in max(wanted, history.warnedAt.map { $0 + Self.notice } ?? wanted) }
    }

    /// What becomes of it by itself next, and when.
    var nextFate: (at: Timestamp, fate: Fate)? {
        var fates: [(at: Timestamp, fate: Fate)] = []
        if status != .archived, occasion.type != .party {
            let moments = [settings.expireAt, end.flatMap { end in settings.retention?.archiveAfterDays.map { end + .days($0) } }]
            // Whoever has restored it since does not want that again.
            fates += moments.compactMap(\.self).filter { $0 > history.restoredAt ?? .distantPast }.map { ($0, .archived) }
        }
        if let deletionAt { fates.append(history.warnedAt == nil ? (deletionAt - Self.notice, .warned) : (deletionAt, .deleted)) }
        return fates.min { $0.at < $1.at }
    }

    /// When something becomes of it by itself next.
    var dueAt: Timestamp? { nextFate?.at }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(milliseconds: .min)
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }
}
