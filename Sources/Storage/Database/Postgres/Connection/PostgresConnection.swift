import CPostgres
import Core
import Glibc

/// One connection, used by nobody but the thread that opened it.
///
/// It is in libpq's pipeline mode from the beginning: statements that need no answer in between travel together. The
/// server ends a pipeline's transaction at the next synchronisation point ("55.2.4 Pipelining"), so reads need neither BEGIN
/// nor COMMIT: all statements up to that point are one transaction, with the session's defaults: read only, one snapshot.
final class PostgresConnection {
    let link: OpaquePointer
    let interruption: Interruption
    var cache: StatementCache
    /// Synchronisation points that were sent and whose answers were not read yet.
    var owedSyncs = 0
    /// It must not be used again.
    var isRetired = false

    /// Connects. Blocks the thread.
    /// - Throws: `DatabaseError`; code `unavailable` when the server does not answer or does not let us in.
    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration) throws(Core.DatabaseError) {
        let link = try PostgresLink.open(address, configuration)
        do {
            try PostgresLink.execute(Self.settings(configuration), on: link)
        } catch {
            PQfinish(link)
            throw error.error
        }
        guard let token = CancelToken(link), PQenterPipelineMode(link) == 1 else {
            PQfinish(link)
            throw .failed(code: Core.DatabaseError.unavailableCode, message: "out of memory", statement: "")
        }
        self.link = link
        self.interruption = Interruption(
            token: token, socket: PQsocket(link), limit: configuration.statementTimeout + .seconds(5))
        self.cache = StatementCache(limit: configuration.preparedStatements)
    }

    deinit { PQfinish(link) }

    /// Whether it looks as if it could be used; notices that the server has closed it.
    var isAlive: Bool {
        guard !isRetired else { return false }
        // A last message may come before the end of the stream; a few rounds see both.
        for _ in 0..<8 {
            var ready = pollfd(fd: PQsocket(link), events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 0) > 0 else { break }
            guard PQconsumeInput(link) == 1 else { return false }
            _ = PQisBusy(link)
        }
        return PQstatus(link) == CONNECTION_OK
    }

    /// The server ends a transaction, and gives its locks back, when it hears nothing of this node any more.
    /// `synchronous_commit` is only ever made stronger: an acknowledged write is on the disk.
    private static func settings(_ configuration: PostgresConfiguration) -> String {
        """
        SET default_transaction_isolation = 'repeatable read';
        SET default_transaction_read_only = on;
        SET statement_timeout = \(configuration.statementTimeout.milliseconds);
        SET idle_in_transaction_session_timeout = \(configuration.stallTimeout.milliseconds);
        SET tcp_keepalives_idle = 30;
        SET tcp_keepalives_interval = 10;
        SET tcp_keepalives_count = 3;
        SET jit = off;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """
    }
}
