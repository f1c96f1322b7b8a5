/// Carries out commands of the wires that belong to a feature. Implemented by the feature; the rows of its commands are in the event table.
public protocol CommandHandler: Sendable {
    /// The canonical names of the commands it carries out.
    var commands: Set<String> { get }

    /// Carries out one command.
    /// - Parameters:
    ///   - name: canonical.
    ///   - data: checked against the command's schema, camelCase.
    ///   - caller: who, and on behalf of which connection.
    /// - Returns: the data of the `ack`.
    /// - Throws: `Problem`.
    func carryOut(_ name: String, _ data: JSONValue, for caller: CommandCaller) async throws -> JSONValue
}

/// Who gave a command over a wire.
public struct CommandCaller: Sendable {
    /// Who the connection belongs to.
    public var principal: Principal
    /// What guests came in by who entered a session by its code on this connection.
    public var entries: [SessionID: GrantToken]
    /// The client's, for rate limits.
    public var address: String

    /// See the properties of the same names.
    public init(principal: Principal, entries: [SessionID: GrantToken], address: String) {
        self.principal = principal
        self.entries = entries
        self.address = address
    }
}
