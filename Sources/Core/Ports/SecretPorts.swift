/// Keeps passwords that people share, as an account's is kept. Implemented by Accounts.
public protocol PasswordKeeper: Sendable {
    /// The form in which a password is stored: slow to compute, with a salt of its own.
    /// - Throws: `Problem` 503 `busy` when too many wait.
    func hash(_ password: String) async throws -> String

    /// Whether a stored form is that of a password.
    /// - Parameter stored: `nil` takes as long and is always wrong.
    /// - Throws: `Problem` 503 `busy` when too many wait.
    func verify(_ password: String, against stored: String?) async throws -> Bool
}

/// Encrypts what is kept in the database and shown again to its owner, by keys that are not in the database.
/// Implemented by Accounts.
public protocol SecretKeeper: Sendable {
    /// - Parameter use: what it belongs to, e.g. a row's id: sealed for one it cannot be opened for another.
    func seal(_ secret: Secret, for use: String) throws -> [UInt8]

    /// - Returns: `nil` when it was sealed for something else, was changed, or by a key that is there no more.
    func open(_ sealed: [UInt8], for use: String) -> Secret?
}

/// Counts what guests download by links that allow so many downloads. Implemented by Sessions.
public protocol DownloadCounter: Sendable {
    /// Counts a download once: whoever asks for the same content again, or goes on with it, is not counted again.
    /// - Parameters:
    ///   - content: the same text for the same bytes: a file's SHA-256, an archive's ETag.
    ///   - token: of a guest whose rights hold `Rights.counted`.
    /// - Throws: `Problem` 403 `downloads_used_up`.
    func begin(_ content: String, with token: GrantToken) async throws

    /// Takes back what was counted of a content, if it was: it cannot be had any more, and what is in its place is another.
    func takeBack(_ content: String, with token: GrantToken) async throws
}
