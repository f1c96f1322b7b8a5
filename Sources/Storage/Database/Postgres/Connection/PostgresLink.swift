import CPostgres
import Core
import Glibc

/// Opens libpq connections. Blocks the thread.
enum PostgresLink {
    /// Done once, and before libpq does anything.
    private static let isPrepared = cpostgres_keep_openssl() == 1

    /// - Parameter keepsText: whether the database is one whose encoding matters.
    /// - Returns: a connection that the caller finishes.
    /// - Throws: `DatabaseError.failed`, code `unavailable` or `encoding`; the message names no password.
    static func open(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, keepsText: Bool = true
    ) throws(Core.DatabaseError) -> OpaquePointer {
        guard isPrepared else { throw unavailable("OpenSSL cannot be used") }
        let link = withParameters(address, configuration) { PQconnectdbParams($0, $1, 0) }
        guard let link else { throw unavailable("out of memory") }
        guard PQstatus(link) == CONNECTION_OK else {
            defer { PQfinish(link) }
            throw unavailable(address.redacting(message(of: link)))
        }
        // libpq would print the server's notices.
        PQsetNoticeProcessor(link, { _, _ in }, nil)
        if keepsText, PQparameterStatus(link, "server_encoding").map({ String(cString: $0) }) != "UTF8" {
            PQfinish(link)
            throw .failed(code: "encoding", message: "the database's encoding must be UTF8", statement: "")
        }
        return link
    }

    /// Whether nobody answers, or the server is still starting. If not, trying again will not help to connect.
    static func isAbsent(_ address: PostgresAddress, _ configuration: PostgresConfiguration) -> Bool {
        withParameters(address, configuration) { PQpingParams($0, $1, 0) } != PQPING_OK
    }

    /// Runs commands without parameters, before anything else is done with a connection.
    static func execute(_ commands: String, on link: OpaquePointer) throws(PostgresFailure) {
        guard let pointer = PQexec(link, commands) else { throw .lost(message(of: link)) }
        let result = PostgresResult(pointer)
        guard result.status != PGRES_COMMAND_OK, result.status != PGRES_TUPLES_OK else { return }
        throw failure(of: result, on: link, statement: commands)
    }

    static func failure(of result: PostgresResult, on link: OpaquePointer, statement: String) -> PostgresFailure {
        guard let state = result.errorField("C") else { return .lost(message(of: link), statement: statement) }
        let failure = PostgresFailure(
            sqlState: state, message: result.errorField("M") ?? "no message", statement: statement)
        // After a fatal error the server has closed the connection.
        let isFatal = ["FATAL", "PANIC"].contains(result.errorField("V"))
        return isFatal ? .lost(failure.error.asUnavailable) : failure
    }

    static func message(of link: OpaquePointer) -> String {
        String(cString: PQerrorMessage(link)).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func unavailable(_ message: String) -> Core.DatabaseError {
        .failed(code: Core.DatabaseError.unavailableCode, message: message, statement: "")
    }

    private static func withParameters<Result>(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration,
        _ body: (_ keywords: [UnsafePointer<CChar>?], _ values: [UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let parameters = Array(address.parameters(configuration))
        let keywords = parameters.map { strdup($0.key) }
        let values = parameters.map { strdup($0.value) }
        defer { for text in keywords + values { free(text) } }
        return body(keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }
}

extension Core.DatabaseError {
    /// The same under the code that says that the server went away.
    fileprivate var asUnavailable: Self {
        guard case .failed(_, let message, let statement) = self else { return self }
        return .failed(code: Self.unavailableCode, message: message, statement: statement)
    }
}
