import CPostgres
import Core

/// Which statements a connection has prepared: the ones used last, up to a limit.
struct StatementCache {
    struct Entry: Equatable {
        let name: String
        /// Of the parameters.
        let types: [Oid]
    }

    private struct Use { var entry: Entry; var lastUse: UInt64 }

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
        guard let use = uses[text], zip(values, use.entry.types).allSatisfy({ $0.fits($1) }) else { return nil }
        clock += 1
        uses[text]?.lastUse = clock
        return use.entry
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
        if let old = uses.updateValue(Use(entry: entry, lastUse: clock), forKey: text) { expired.append(old.entry.name) }
        guard uses.count > limit, let oldest = uses.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return }
        forget(oldest)
    }

    /// Corrects the types of a statement that was prepared without knowing them all.
    mutating func amend(_ text: String, name: String, types: [Oid]) {
        if uses[text]?.entry.name == name { uses[text]?.entry = Entry(name: name, types: types) }
    }

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
