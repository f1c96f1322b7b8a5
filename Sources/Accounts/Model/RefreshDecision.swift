import Core

/// What becomes of a refresh token that somebody shows.
enum RefreshDecision: Equatable {
    /// Give out the next; `spent` is the one that it follows.
    case rotate(spent: SpentToken)
    /// It was spent before: somebody has a copy, so nobody keeps the family.
    case revoke
    /// It belongs to nothing that is signed in.
    case refuse
    /// The device was not used for too long.
    case expire

    static func about(_ shown: RefreshSecret, _ stored: DeviceStore.Stored, at now: Timestamp) -> RefreshDecision {
        let isFamily = ConstantTime.equal(SecretHash.of(shown.family), stored.familyHash)
        guard isFamily, stored.device.revokedAt == nil else { return .refuse }
        guard let spent = spent(by: shown, stored, at: now) else { return .revoke }
        return now < stored.device.expiresAt ? .rotate(spent: spent) : .expire
    }

    private static func spent(by shown: RefreshSecret, _ stored: DeviceStore.Stored, at now: Timestamp) -> SpentToken? {
        let hash = SecretHash.of(shown.current)
        if ConstantTime.equal(hash, stored.secretHash) { return SpentToken(hash: hash, goodUntil: now + SpentToken.leeway) }
        guard let spent = stored.spent, now < spent.goodUntil, ConstantTime.equal(hash, spent.hash) else { return nil }
        return spent
    }
}

/// The refresh token before the current one. Its answer may have been lost on the way, so for a moment it is good once more;
/// but no longer than until the current one is shown, which proves that the answer came.
struct SpentToken: Equatable, Sendable {
    static let leeway = Duration.seconds(120)

    let hash: [UInt8]
    let goodUntil: Timestamp
}
