import Core

/// Signs what goes into media URLs: a token that opens the files of one session and nothing else.
struct MediaTokens: Sendable {
    let grants: any GrantRegistry
    let signer: any GrantChecker
    let clock: any WallClock

    /// A guest's token cut down, or one made for the account's membership; admins without one borrow the owner's.
    /// - Returns: `nil` for strangers.
    func token(of principal: Principal, in session: Session, rights: Rights, _ tx: any Transaction) throws -> String? {
        try grant(of: principal, in: session, rights: rights, tx).map { signer.sign($0.forMedia) }
    }

    /// The same, not yet cut down or signed.
    func grant(of principal: Principal, in session: Session, rights: Rights, _ tx: any Transaction) throws -> GrantToken? {
        if case .guest(let token) = principal { return token }
        guard let user = principal.userID,
            let membership = try grants.membership(of: user, in: session.id, transaction: tx)
                ?? grants.membership(of: session.ownerID, in: session.id, transaction: tx)
        else { return nil }
        return GrantToken(membership, session: session.id, rights: rights, now: clock.now())
    }
}
