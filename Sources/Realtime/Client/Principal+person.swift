import Core

extension Principal {
    /// The account of somebody who is signed in on a device: who has a topic of their own. API keys have none.
    var personID: UserID? { if case .user(let id, _, _) = self { id } else { nil } }

    /// Whether it is the same account, the same grant, or nobody signed in both times.
    func isSamePerson(as other: Principal) -> Bool {
        switch (self, other) {
        case (.anonymous, .anonymous): true
        case (.guest(let one), .guest(let other)): one.grantID == other.grantID
        default: userID != nil && userID == other.userID
        }
    }
}
