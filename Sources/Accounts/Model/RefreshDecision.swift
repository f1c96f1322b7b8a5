import Core

/// What becomes of a refresh token that somebody shows.
enum RefreshDecision: Equatable {
    /// It is the current one: give out the next.
    case rotate
    /// It was spent before: somebody has a copy, so nobody keeps the family.
    case revoke
    /// It belongs to nothing that is signed in.
    case refuse
    /// The device was not used for too long.
    case expire

    static func about(_ shown: RefreshSecret, _ stored: DeviceStore.Stored, at now: Timestamp) -> RefreshDecision {
        let isFamily = ConstantTime.equal(SecretHash.of(shown.family), stored.familyHash)
        let isCurrent = ConstantTime.equal(SecretHash.of(shown.current), stored.secretHash)
        if !isFamily || stored.device.revokedAt != nil { return .refuse }
        if !isCurrent { return .revoke }
        return now < stored.device.expiresAt ? .rotate : .expire
    }
}
