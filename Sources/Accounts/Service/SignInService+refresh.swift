import Core

extension SignInService {
    private enum Outcome: Sendable {
        case rotated(User)
        case refused(Problem)
    }

    /// Trades a refresh token for the next one and a new access token. Each is good for one use: who shows a spent one
    /// signs the device out, because two parties have it. Only the last is good again while its answer may have been lost.
    /// - Throws: `Problem` 401 `invalid_token`, `expired_token` or `token_reused`, 429.
    func refresh(_ text: Secret, address: String) async throws -> SignIn {
        try await limits.attempt("refresh:\(address)")
        guard let token = OpaqueToken<Subject.Device>(text.reveal, kind: .refresh), let shown = RefreshSecret(token.secret)
        else { throw Problem.invalidToken }
        let next = shown.rotated()
        // The refusal is returned, not thrown: throwing would roll the revocation back.
        let outcome = try await accounts.database.write { transaction in
            try exchange(shown, for: next, of: token.id, in: transaction)
        }
        switch outcome {
        case .rotated(let user): return try await answer(user, token.id, next)
        case .refused(let problem): throw problem
        }
    }

    private func exchange(
        _ shown: RefreshSecret, for next: RefreshSecret, of id: DeviceID, in transaction: any Transaction
    ) throws -> Outcome {
        guard let stored = try devices.find(id, in: transaction),
            let user = try UserStore().user(stored.device.userID, in: transaction)
        else { return .refused(.invalidToken) }
        let (now, expiresAt) = period()
        switch RefreshDecision.about(shown, stored, at: now) {
        case .refuse: return .refused(.invalidToken)
        case .expire: return .refused(.expiredToken)
        case .revoke: break
        case .rotate(let spent):
            var device = stored.device
            device.lastUsedAt = now
            device.expiresAt = expiresAt
            if try devices.rotate(device, from: stored.secretHash, to: next, spent, in: transaction) { return .rotated(user) }
            // Another transaction was quicker since it was read, unless the database forbids that.
            return try exchange(shown, for: next, of: id, in: transaction)
        }
        _ = try revoke(id, of: user.id, in: transaction)
        return .refused(.tokenReused)
    }
}
