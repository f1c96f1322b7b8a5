import Core

/// Whom bounds are counted for: an account with all its devices and keys, or one guest's grant.
struct Uploader: RawRepresentable, Sendable, Hashable, SQLConvertible {
    let rawValue: String

    init(rawValue: String) { self.rawValue = rawValue }

    init(_ principal: Principal) {
        switch principal {
        case .user(let id, _, _), .key(_, let id, _, _): self.init(rawValue: id.description)
        case .guest(let token): self.init(rawValue: token.grantID.description)
        case .anonymous: self.init(rawValue: "")
        }
    }
}
