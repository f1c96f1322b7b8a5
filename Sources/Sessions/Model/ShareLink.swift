import Core

/// A URL that lets whoever has it into one session.
///
/// Its token is random (144 bits) and kept twice: as a hash, by which it is found, and encrypted by the house's keys, so that its
/// owner can see the URL again. The database alone opens nothing; and a link goes on working when the keys are rotated or lost,
/// for it may be printed on a wall.
struct ShareLink: Sendable, Equatable {
    var id: LinkID
    var sessionID: SessionID
    /// For its owner.
    var name: String
    /// What those who come in by it may do.
    var rights: Rights
    var tokenHash: [UInt8]
    var sealedToken: [UInt8]
    /// `nil`: none is asked for.
    var passwordHash: String?
    /// `nil`: until it is removed.
    var expiresAt: Timestamp?
    /// Entries that it allows; 0 for any number.
    var maxUses: Int
    var uses = 0
    /// Downloads that it allows, to all who came in by it together; 0 for any number.
    var maxDownloads: Int
    var downloads = 0
    var createdAt: Timestamp
    var lastUsedAt: Timestamp?

    /// What the tokens of those who come in by it say.
    var grantedRights: Rights { maxDownloads > 0 ? rights.union(.counted) : rights }

    /// Whether those who came in by it before may do more than those who come now.
    func showsGuestsOut(comparedTo old: ShareLink) -> Bool {
        let isCounted = maxDownloads > 0 && old.maxDownloads == 0
        let isShorter = (expiresAt?.milliseconds ?? .max) < (old.expiresAt?.milliseconds ?? .max)
        let isLocked = passwordHash != nil && passwordHash != old.passwordHash
        return isCounted || isShorter || isLocked || !rights.isSuperset(of: old.rights)
    }
}

extension Rights {
    /// Those that a link can give.
    static let shareable: [Rights] = [.view, .download, .original, .upload, .select, .publish]

    /// With those that make no sense without others: who may fetch originals may save, and who may do either may look; who may
    /// manage may edit.
    var completed: Rights {
        var rights = self
        if rights.contains(.manage) { rights.insert(.edit) }
        if rights.contains(.original) { rights.insert(.download) }
        if !rights.isDisjoint(with: [.download, .select]) { rights.insert(.view) }
        return rights
    }
}

/// One line of what a link was used for.
struct LinkUse: Sendable, Equatable {
    /// What happened.
    enum Kind: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Somebody came in.
        case entered
        /// Somebody gave another password.
        case wrongPassword
        /// Somebody began a download; of links that count them.
        case downloaded
    }

    /// Ascending for each link.
    var number: Int64
    var at: Timestamp
    var kind: Kind
    /// The network, not the address; empty for downloads.
    var network: String
    /// What the guest wants to be called.
    var name: String
}

extension IPAddress {
    /// The network of an address in CIDR notation, too large to tell whose it is: 24 bits, or 48 in version 6.
    static func network(of text: String) -> String {
        guard let address = IPAddress(text)?.unmapped else { return "unknown" }
        let kept = address.isSixteen ? 6 : 3
        let bytes = address.bytes.prefix(kept) + Array(repeating: 0, count: address.bytes.count - kept)
        return IPAddress(bytes: Array(bytes)).map { "\($0)/\(kept * 8)" } ?? "unknown"
    }
}
