import CPostgres
import Core

/// Which statements a connection has prepared: the ones used last, up to a limit.
struct StatementCache {
    struct Entry: Equatable {
        let name: String
        /// Of the parameters.
        var types: [Oid]
        /// In which form the server is asked for rows.
        var encoding = PostgresEncoding.binary
    }

    /// What has followed a statement that reads began with.
    enum Sequel {
        case unknown
        case nothing
        /// Once is enough.
        case more
    }

    private struct Use {
        var entry: Entry
        var lastUse: UInt64
        var sequel = Sequel.unknown
    }

    private let limit: Int
    private var uses: [String: Use] = [:]
    private var clock: UInt64 = 0
    private var names = 0
    /// Forgotten here, but not yet on the server.
    private(set) var expired: [String] = []

    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { uses.count }

    /// The prepared form of a text, if it can take these values.
    mutating func find(_ text: String, _ values: [SQLValue]) -> Entry? {
        guard let index = uses.index(forKey: text) else { return nil }
        let entry = uses.values[index].entry
        guard zip(values, entry.types).allSatisfy({ $0.fits($1) }) else { return nil }
        clock += 1
        uses.values[index].lastUse = clock
        return entry
    }

    /// What to expect after a statement that a read begins with.
    func sequel(of text: String) -> Sequel { uses[text]?.sequel ?? .unknown }

    /// Notes what followed a statement that a read began with.
    mutating func note(_ sequel: Sequel, after text: String) {
        guard let index = uses.index(forKey: text), uses.values[index].sequel != .more else { return }
        uses.values[index].sequel = sequel
    }

    /// Whether a text is worth keeping: those in the program are few, but an `IN` list makes one for each length, and a
    /// migration one for each step.
    static func keeps(_ text: String, _ values: [SQLValue]) -> Bool {
        guard values.count <= 32 else { return false }
        let word = text.drop(while: \.isWhitespace).prefix(while: \.isLetter).uppercased()
        return ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT"].contains(word)
    }

    mutating func newName() -> String {
        names += 1
        return "s\(names)"
    }

    /// Notes a prepared statement, in place of an earlier one with the same text; the one unused for longest may expire.
    mutating func insert(_ entry: Entry, for text: String) {
        clock += 1
        let use = Use(entry: entry, lastUse: clock, sequel: sequel(of: text))
        if let old = uses.updateValue(use, forKey: text) { expired.append(old.entry.name) }
        guard uses.count > limit, let oldest = uses.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return }
        forget(oldest)
    }

    /// Corrects the types of a statement that was prepared without knowing them all.
    mutating func amend(_ text: String, name: String, types: [Oid]) {
        if uses[text]?.entry.name == name { uses[text]?.entry.types = types }
    }

    /// Notes in which form the rows of a statement are had best.
    mutating func amend(_ text: String, encoding: PostgresEncoding) { uses[text]?.entry.encoding = encoding }

    /// Whether the text was prepared; from now on it is not.
    @discardableResult
    mutating func forget(_ text: String) -> Bool {
        guard let use = uses.removeValue(forKey: text) else { return false }
        expired.append(use.entry.name)
        return true
    }

    /// The server has forgotten it too.
    mutating func deallocated(_ name: String) { expired.removeAll { $0 == name } }
}
