import Core

/// Checks the passwords of links, and limits guessing at them without giving anybody a way to lock out those who know them.
///
/// What is counted are wrong passwords, each different one once, per link and address and, for those who have many addresses, per
/// link. Where guesses are used up, a password lets in that has let in others already: that is no more than to look into memory,
/// at most once a second for each address whose guests have given it, for each guest who is in, and for all others together. So who
/// shares an address with somebody who guesses is not kept out, and who guesses still has only so many guesses.
struct LinkPasswords: Sendable {
    let attempts: any AttemptLimiter
    let keeper: any PasswordKeeper
    /// To hash the same password anew for each guest of a party takes a third of a second and 128 MiB.
    private let right = KnownAnswers()
    private let wrong = KnownAnswers()
    private let places = KnownAnswers()

    init(_ attempts: any AttemptLimiter, _ keeper: any PasswordKeeper) {
        self.attempts = attempts
        self.keeper = keeper
    }

    /// What became of it.
    enum Verdict: Sendable, Equatable {
        case right
        /// - Parameter isNew: whether nobody gave it before.
        case wrong(isNew: Bool)
    }

    /// - Parameters:
    ///   - stored: what the password is kept as.
    ///   - guest: the grant of whoever gives it, if they came in by that link before and are in; asked for only where guesses are used up.
    /// - Throws: `Problem` 429, 503 `busy`; whatever `guest` throws.
    func judge(
        _ password: String, of link: LinkID, stored: String, from address: String, guest: () async throws -> GrantID?
    ) async throws -> Verdict {
        if wrong.contains(password, to: stored) { return .wrong(isNew: false) }
        let here = place(of: address)
        let isKnownPlace = places.contains(here, to: link.description)
        let keys = ["guess:\(address) \(link)"] + (isKnownPlace ? [] : ["link:\(link)"])
        do {
            try await take(keys)
        } catch let refusal as Problem where refusal.status == 429 {
            let inside = try await guest()
            let crowd = inside?.description ?? (isKnownPlace ? "\(address) \(link)" : link.description)
            try await attempts.attempt("crowd:\(crowd)")
            guard right.contains(password, to: stored) else { throw refusal }
            return .right
        }
        return try await look(password, stored, keys) { places.insert(here, to: link.description) }
    }

    /// Takes from all of them or, when one is used up, from none.
    private func take(_ keys: [String]) async throws {
        for (index, key) in keys.enumerated() {
            do {
                try await attempts.attempt(key)
            } catch {
                for taken in keys[..<index] { await attempts.refund(taken) }
                throw error
            }
        }
    }

    private func look(_ password: String, _ stored: String, _ keys: [String], whenRight: () -> Void) async throws -> Verdict {
        let isRight: Bool
        do {
            isRight = try await verify(password, stored)
        } catch {
            // Nobody looked at it.
            for key in keys { await attempts.refund(key) }
            throw error
        }
        guard isRight else {
            wrong.insert(password, to: stored)
            return .wrong(isNew: true)
        }
        right.insert(password, to: stored)
        whenRight()
        for key in keys { await attempts.refund(key) }
        return .right
    }

    private func verify(_ password: String, _ stored: String) async throws -> Bool {
        if right.contains(password, to: stored) { return true }
        return try await keeper.verify(password, against: stored)
    }
}
