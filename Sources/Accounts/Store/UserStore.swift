import Core

/// The users' table.
struct UserStore: Sendable {
    private static let columns: SQL = "id, email, username, role, created_at"

    func insert(_ user: User, passwordHash: String, in transaction: any Transaction) throws {
        try transaction.execute("""
            INSERT INTO users (id, email, username, username_key, password_hash, role, created_at)
            VALUES (\(user.id), \(user.email), \(user.username), \(user.username.lowercased()), \(passwordHash),
                \(user.role), \(user.createdAt))
            """)
    }

    func exists(email: String, in transaction: any Transaction) throws -> Bool {
        try transaction.exists("SELECT 1 AS found FROM users WHERE email = \(email)")
    }

    func exists(username: String, in transaction: any Transaction) throws -> Bool {
        try transaction.exists("SELECT 1 AS found FROM users WHERE username_key = \(username.lowercased())")
    }

    func isEmpty(in transaction: any Transaction) throws -> Bool {
        try !transaction.exists("SELECT 1 AS found FROM users LIMIT 1")
    }

    func user(_ id: UserID, in transaction: any Transaction) throws -> User? {
        try transaction.first("SELECT \(sql: Self.columns) FROM users WHERE id = \(id)").map(User.init)
    }

    /// The account that a person means by an email address or a username; no username contains an `@`.
    func find(_ login: String, in transaction: any Transaction) throws -> (user: User, passwordHash: String)? {
        let key = login.lowercased()
        let condition: SQL = key.contains("@") ? "email = \(key)" : "username_key = \(key)"
        return try transaction.first("SELECT \(sql: Self.columns), password_hash FROM users WHERE \(sql: condition)")
            .map { (try User($0), try $0.get("password_hash")) }
    }
}

extension User {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.get("id"), email: try row.get("email"), username: try row.get("username"),
            role: try row.get("role"), createdAt: try row.get("created_at"))
    }
}
