public import Core

extension AccountService: AccountDirectory {
    public func quota(of account: UserID, transaction: any Transaction) throws -> UploadQuota {
        try AccountQuotaStore().quota(of: account, in: transaction)
    }

    public func account(email: String, transaction: any Transaction) throws -> UserID? {
        guard let email = try? AccountRules.email(email) else { return nil }
        return try UserStore().find(email, in: transaction)?.user.id
    }


    public func name(of user: UserID, transaction: any Transaction) throws -> String? {
        try UserStore().user(user, in: transaction)?.username
    }
}

extension AccountService: PrincipalNames {
    public func name(of principal: Principal) async throws -> String? {
        switch principal {
        case .user(let id, _, _): try await database.read { tx in try name(of: id, transaction: tx) }
        case .guest(let token): try await database.read { tx in try GrantStore().grant(token.grantID, in: tx)?.name }
        case .key, .anonymous: nil
        }
    }
}
