public import Core

extension AccountService: PersonNames {
    public func name(of user: UserID, transaction: any Transaction) throws -> String? {
        try UserStore().user(user, in: transaction)?.username
    }
}
