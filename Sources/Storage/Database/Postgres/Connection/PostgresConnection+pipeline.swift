import CPostgres
import Core

extension PostgresConnection {
    /// A command that was sent and whose answer is due.
    enum Sent {
        case deallocation(of: String)
        case preparation(of: String, StatementCache.Entry)
        /// The parameters' types of a statement just prepared.
        case description(of: String, name: String)
        case execution(of: String)
        /// Of a statement just prepared, which tells what its columns are.
        case firstExecution(of: String)
    }

    /// Runs a statement, and before it others whose results do not matter, all in one round trip.
    /// - Parameter isSynchronized: whether a synchronisation point travels with it. It ends a transaction that no BEGIN
    ///   began; after a BEGIN it ends nothing and is wanted: the server watches over idle transactions only from there on.
    func run(
        _ text: String, _ values: [SQLValue], after prelude: [String], isSynchronized: Bool
    ) throws(PostgresFailure) -> PostgresResult {
        do throws(PostgresFailure) {
            var sent: [Sent] = []
            for command in prelude { sent += try send(command, []) }
            sent += try send(text, values)
            try isSynchronized ? sendSync() : check(PQsendFlushRequest(link))
            defer { owedSyncs += isSynchronized ? 1 : 0 }
            return try receive(sent)
        } catch {
            if case .lost = error { isRetired = true }
            throw error
        }
    }

    /// Commits the transaction that a `BEGIN` began.
    /// - Throws: `PostgresFailure`; after `lost` nobody knows whether it took place.
    func commit() throws(PostgresFailure) {
        do throws(PostgresFailure) {
            let sent = try send("COMMIT", [])
            try sendSync()
            defer { owedSyncs += 1 }
            _ = try receive(sent)
        } catch {
            if case .lost = error { isRetired = true }
            throw error
        }
    }

    /// Ends a transaction that only read. The answer is left to be read by the next one.
    func endReading() {
        do {
            try sendSync()
            owedSyncs += 1
        } catch { isRetired = true }
    }

    /// Takes back whatever the transaction did, and waits until that is done.
    func rollBack(isInBlock: Bool) {
        guard !isRetired else { return }
        do {
            try sendSync()
            owedSyncs += 1
            if isInBlock {
                _ = try send("ROLLBACK", [])
                try sendSync()
                owedSyncs += 1
            }
            try settle()
            if PQtransactionStatus(link) != PQTRANS_IDLE { isRetired = true }
        } catch { isRetired = true }
    }

    // MARK: Sending

    private func send(_ text: String, _ values: [SQLValue]) throws(PostgresFailure) -> [Sent] {
        if let entry = cache.find(text, values) {
            try execute(entry, values)
            return [.execution(of: text)]
        }
        guard values.count <= Int(PQ_QUERY_PARAM_MAX_LIMIT) else {
            throw .refused(.failed(code: "too_many_values", message: "more than 65535 values", statement: text))
        }
        let types = values.map(\.naturalType)
        guard StatementCache.keeps(text, values) else {
            try check(BoundValues(values, types: types).withParameters { pointers, lengths, formats in
                PQsendQueryParams(link, text, Int32(values.count), types, pointers, lengths, formats, 1)
            })
            return [.execution(of: text)]
        }
        return try prepare(text, types, values)
    }

    private func prepare(_ text: String, _ types: [Oid], _ values: [SQLValue]) throws(PostgresFailure) -> [Sent] {
        var sent: [Sent] = []
        for name in cache.expired {
            try check(PQsendQueryParams(link, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 1))
            sent.append(.deallocation(of: name))
        }
        let entry = StatementCache.Entry(name: cache.newName(), types: types)
        try check(PQsendPrepare(link, entry.name, text, Int32(types.count), types))
        sent.append(.preparation(of: text, entry))
        // A NULL says nothing about its type: ask what the server made of it, for values that come later.
        if types.contains(PostgresType.unknown) {
            try check(PQsendDescribePrepared(link, entry.name))
            sent.append(.description(of: text, name: entry.name))
        }
        try execute(entry, values)
        return sent + [.firstExecution(of: text)]
    }

    private func execute(_ entry: StatementCache.Entry, _ values: [SQLValue]) throws(PostgresFailure) {
        try check(BoundValues(values, types: entry.types).withParameters { pointers, lengths, formats in
            PQsendQueryPrepared(
                link, entry.name, Int32(values.count), pointers, lengths, formats, entry.encoding.rawValue)
        })
    }

    private func sendSync() throws(PostgresFailure) { try check(PQpipelineSync(link)) }

    private func check(_ result: Int32) throws(PostgresFailure) {
        guard result == 1 else { throw .lost(PostgresLink.message(of: link)) }
    }

    // MARK: Receiving

    private func receive(_ sent: [Sent]) throws(PostgresFailure) -> PostgresResult {
        try settle()
        var last: PostgresResult?
        for command in sent {
            switch command {
            case .deallocation(let name):
                // Whatever the answer, the name is not tried again.
                defer { cache.deallocated(name) }
                _ = try answer(to: "DEALLOCATE")
            case .preparation(let text, let entry):
                _ = try answer(to: text)
                cache.insert(entry, for: text)
            case .description(let text, let name):
                let types = try answer(to: text).parameterTypes
                cache.amend(text, name: name, types: types)
            case .execution(let text): last = try answer(to: text)
            case .firstExecution(let text):
                let result = try answer(to: text)
                cache.amend(text, encoding: result.bestEncoding)
                last = result
            }
        }
        guard let last else { throw .lost("out of step with the server") }
        return last
    }

    /// The answer to one command.
    private func answer(to text: String) throws(PostgresFailure) -> PostgresResult {
        guard let pointer = PQgetResult(link) else { throw .lost(PostgresLink.message(of: link), statement: text) }
        let result = PostgresResult(pointer)
        // What is between two answers.
        while PQstatus(link) == CONNECTION_OK, let extra = PQgetResult(link) { PQclear(extra) }
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return result
        case PGRES_FATAL_ERROR: throw failure(of: result, text)
        default:
            // COPY, which no transaction here can drive.
            isRetired = true
            throw .refused(.failed(code: "unsupported", message: "a statement of this kind cannot be run", statement: text))
        }
    }

    private func failure(of result: PostgresResult, _ text: String) -> PostgresFailure {
        let failure = PostgresLink.failure(of: result, on: link, statement: text)
        // Only what was prepared before can have become stale.
        if case .stale(let error) = failure, !cache.forget(text) { return .refused(error) }
        return failure
    }

    /// Reads up to the last synchronisation point, whatever comes before it.
    private func settle() throws(PostgresFailure) {
        var hasGap = false
        while owedSyncs > 0 {
            guard let result = PQgetResult(link) else {
                // One end is between two answers; two in a row mean that nothing more will come.
                guard !hasGap, PQstatus(link) == CONNECTION_OK else { throw .lost(PostgresLink.message(of: link)) }
                hasGap = true
                continue
            }
            hasGap = false
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC { owedSyncs -= 1 }
            PQclear(result)
        }
    }
}
