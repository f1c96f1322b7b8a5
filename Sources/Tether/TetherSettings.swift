import Core

/// What a photographer asks for.
public struct TetherSettings: Sendable {
    public var server: ServerAddress
    public var key: Secret
    public var session: SessionID
    /// Absolute, without links.
    public var folder: String
    /// Files on their way at a time.
    public var parallel = 3
    public var filter = FileFilter.usual
    /// Ends once everything that is there has been sent.
    public var once = false
    /// Sends what hooks hand over and ends a while after the last of it; the folder is not watched.
    public var drains = false
    /// Gives files that the server has refused another chance.
    public var retriesRefused = false
    /// Where state is kept; `nil` means the user's own place for it.
    public var stateFolder: String?

    /// See the properties of the same names.
    public init(server: ServerAddress, key: Secret, session: SessionID, folder: String) {
        self.server = server
        self.key = key
        self.session = session
        self.folder = folder
    }
}
