import Core

extension SessionService {
    /// Makes a grant for somebody who has shown that they may come in.
    /// - Parameter link: what they came by; `nil` for the access code.
    func letIn(
        _ name: String?, to session: Session, by link: ShareLink?, at now: Timestamp, _ tx: any Transaction
    ) throws -> (SessionView, GrantToken) {
        let rights = link?.grantedRights ?? session.settings.guestRights
        var grant = Grant(
            id: GrantID(at: now), kind: .guest, sessionID: session.id, rights: rights, name: name ?? "", createdAt: now,
            expiresAt: link?.expiresAt, parentID: link.map { GrantID($0.id) })
        let token = GrantToken(grant, session: session.id, rights: rights, now: now, lifetime: Self.guestLifetime)
        grant.expiresAt = token.expiresAt
        try grants.add(grant, in: tx)
        return (try view(session, rights: rights, tx), token)
    }

    /// What a guest is told who has come in.
    func entry(_ view: SessionView, _ token: GrantToken) -> Entry {
        Entry(token: signer.sign(token), mediaToken: signer.sign(token.forMedia), expiresAt: token.expiresAt, session: view)
    }
}
