import Core

/// Whom a room waits for, and how much of a room's patience each has used up. Bounded.
struct Waits: Codable, Sendable, Equatable {
    /// Somebody is waited for, until a moment at the latest.
    struct Wait: Codable, Sendable, Equatable {
        var person: Person
        var since: Timestamp
        var until: Timestamp
    }

    /// What somebody has cost the room lately.
    private struct Account: Codable, Sendable, Equatable {
        var person: Person
        var spent: Duration = .zero
        /// Since when they have not been short of data; `nil` while they are.
        var fineSince: Timestamp?
    }

    /// How long the room has stood for all of them together.
    private struct Total: Codable, Sendable, Equatable {
        var since: Timestamp
        var spent: Duration = .zero
        /// Since when it stands; `nil` while it does not.
        var heldSince: Timestamp?
    }

    /// So many are waited for at a time, and so many accounts are kept; the oldest give way.
    static let most = 64
    static let mostAccounts = 128
    /// Who is fine for so long begins anew.
    static let forgottenAfter = Duration.seconds(60)
    /// Each wait costs at least that, and is not begun for less: who comes and goes cannot stop the room at every turn.
    static let least = Duration.seconds(1)
    /// In a time of playing as long as `forgottenAfter` the room stands at most so many times its patience with one, whoever they are:
    /// who comes under ever new names has no more of it.
    static let together = 3

    private(set) var current: [Wait] = []
    private var accounts: [Account] = []
    private var total: Total?

    var isEmpty: Bool { current.isEmpty }

    /// When the next wait runs out.
    var next: Timestamp? { current.map(\.until).min() }

    func contains(_ person: Person) -> Bool { current.contains { $0.person == person } }

    // MARK: Changes

    /// Somebody is short of data.
    /// - Parameter patience: how long the room waits for one member.
    /// - Returns: whether they are waited for from now on.
    mutating func begin(_ person: Person, patience: Duration, now: Timestamp) -> Bool {
        forget(now)
        var account = accounts.first { $0.person == person } ?? Account(person: person)
        account.fineSince = nil
        let left = min(patience - account.spent, leftTogether(patience, now: now))
        let isWaited = left >= Self.least && current.count < Self.most && !contains(person)
        if isWaited { hold(person, for: left, now: now) }
        if isWaited || account.spent > .zero { keep(account) }
        return isWaited
    }

    /// Somebody is fine, or gone.
    /// - Returns: whether they were waited for.
    mutating func end(_ person: Person, now: Timestamp) -> Bool {
        let ended = take({ $0.person == person }, now: now)
        for wait in ended { charge(wait, now: now) }
        if var account = accounts.first(where: { $0.person == person }), account.fineSince == nil {
            account.fineSince = now
            keep(account)
        }
        return !ended.isEmpty
    }

    /// Nobody is waited for longer than they may be.
    /// - Returns: whether a wait ran out.
    mutating func expire(now: Timestamp) -> Bool {
        let ended = take({ $0.until <= now }, now: now)
        for wait in ended { charge(wait, now: now) }
        return !ended.isEmpty
    }

    /// Nobody is waited for: the film does not want to play any more.
    mutating func clear(now: Timestamp) {
        for wait in take({ _ in true }, now: now) { charge(wait, now: now) }
    }

    // MARK: Accounts

    private mutating func hold(_ person: Person, for left: Duration, now: Timestamp) {
        current.append(Wait(person: person, since: now, until: now + left))
        var total = total ?? Total(since: now)
        total.heldSince = total.heldSince ?? now
        self.total = total
    }

    /// What is left of the room's patience with all of them, were it to stand from `now` on.
    private func leftTogether(_ patience: Duration, now: Timestamp) -> Duration {
        guard let total else { return patience * Self.together }
        return patience * Self.together - total.spent - (total.heldSince.map { now - $0 } ?? .zero)
    }

    private mutating func take(_ isMeant: (Wait) -> Bool, now: Timestamp) -> [Wait] {
        let taken = current.filter(isMeant)
        current.removeAll(where: isMeant)
        if current.isEmpty, let since = total?.heldSince {
            total?.spent += max(Self.least, now - since)
            total?.heldSince = nil
        }
        return taken
    }

    private mutating func charge(_ wait: Wait, now: Timestamp) {
        var account = accounts.first { $0.person == wait.person } ?? Account(person: wait.person)
        account.spent += max(Self.least, now - wait.since)
        keep(account)
    }

    private mutating func keep(_ account: Account) {
        accounts.removeAll { $0.person == account.person }
        accounts.append(account)
        if accounts.count > Self.mostAccounts { accounts.removeFirst() }
    }

    private mutating func forget(_ now: Timestamp) {
        accounts.removeAll { account in account.fineSince.map { now - $0 >= Self.forgottenAfter } ?? false }
        if let total, total.heldSince == nil, now - total.since - total.spent >= Self.forgottenAfter { self.total = nil }
    }
}
