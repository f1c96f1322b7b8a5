import CPostgres
import Core

/// Where a server is and how to log in: a `postgresql://` URL as libpq reads it, TLS settings (`sslmode`) and all.
/// Its description names no password.
public struct PostgresAddress: Sendable, CustomStringConvertible, CustomReflectable {
    /// libpq's keywords with the values that the URL gives.
    private var parameters: [String: String]

    /// - Throws: `DatabaseError.failed` when libpq cannot read it; the message does not repeat the URL.
    public init(_ url: String) throws {
        let hasScheme = ["postgresql://", "postgres://"].contains(where: url.hasPrefix)
        guard hasScheme, let options = PQconninfoParse(url, nil) else { throw Self.unreadable }
        defer { PQconninfoFree(options) }
        parameters = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // A password with an unescaped `@` would end up in the host's name, and from there in messages.
        if parameters["host"]?.contains("@") == true { throw Self.unreadable }
    }

    public var description: String {
        let host = parameters["host"] ?? "localhost"
        let port = parameters["port"].map { ":\($0)" } ?? ""
        return "postgresql://\(parameters["user"].map { "\($0)@" } ?? "")\(host)\(port)/\(database)"
    }

    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The database's name: the user's when the URL gives none, as everywhere with libpq.
    public var database: String { parameters["dbname"] ?? parameters["user"] ?? "" }

    /// The same server, another database.
    func with(database name: String) -> PostgresAddress {
        var address = self
        address.parameters["dbname"] = name
        return address
    }

    /// What libpq is told. The URL's own settings go before our defaults.
    func parameters(_ configuration: PostgresConfiguration) -> [String: String] {
        let defaults = [
            "connect_timeout": "\(max(2, configuration.connectTimeout.components.seconds))",
            "fallback_application_name": configuration.applicationName,
            // A server that is gone without a word is noticed after a minute at the latest.
            "keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
            "tcp_user_timeout": "30000",
        ]
        var all = defaults.merging(parameters) { $1 }
        all["client_encoding"] = "UTF8"
        return all
    }

    /// A message of libpq without the password.
    func redacting(_ message: String) -> String {
        guard let password = parameters["password"], !password.isEmpty else { return message }
        return message.split(separator: password, omittingEmptySubsequences: false).joined(separator: "•••")
    }

    private static let unreadable = Core.DatabaseError.failed(
        code: "address",
        message: "the database's address must be postgresql://user:password@host:port/name, special characters percent-encoded",
        statement: "")
}
