import Core

/// Whose turn it is: sessions one after the other, however many archives of each are waited for; and of each session its
/// archives one after the other.
struct FairTurns {
    /// Archives that may wait, of all sessions and of one.
    static let (maximum, maximumOfSession) = (64, 8)

    private var sessions: [SessionID] = []
    private var subjects: [SessionID: [ArchiveSubject]] = [:]
    private var count = 0

    /// Puts an archive behind the others.
    /// - Returns: false when there are too many.
    mutating func add(_ subject: ArchiveSubject) -> Bool {
        let others = subjects[subject.session] ?? []
        guard count < Self.maximum, others.count < Self.maximumOfSession else { return false }
        if others.isEmpty { sessions.append(subject.session) }
        subjects[subject.session] = others + [subject]
        count += 1
        return true
    }

    /// The archives in the order of their next turns, one of each session; the first that can use its turn is to be told `took`.
    var order: [ArchiveSubject] {
        let most = subjects.values.map(\.count).max() ?? 0
        return (0..<most).flatMap { rank in
            sessions.compactMap { session in subjects[session].flatMap { rank < $0.count ? $0[rank] : nil } }
        }
    }

    /// An archive has had its turn: its session goes behind the others, and it behind the others of its session.
    mutating func took(_ subject: ArchiveSubject) {
        guard var own = subjects[subject.session], let index = own.firstIndex(of: subject) else { return }
        own.append(own.remove(at: index))
        subjects[subject.session] = own
        sessions.removeAll { $0 == subject.session }
        sessions.append(subject.session)
    }

    mutating func remove(_ subject: ArchiveSubject) {
        guard var own = subjects[subject.session], let index = own.firstIndex(of: subject) else { return }
        own.remove(at: index)
        count -= 1
        subjects[subject.session] = own.isEmpty ? nil : own
        if own.isEmpty { sessions.removeAll { $0 == subject.session } }
    }
}
