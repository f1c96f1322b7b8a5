import Core

/// A file that is there to be sent, as far as its folder can tell.
public struct ReadyFile: Sendable, Hashable {
    /// Absolute.
    public var path: String
    public var facts: FileFacts

    /// See the properties of the same names.
    public init(path: String, facts: FileFacts) {
        self.path = path
        self.facts = facts
    }
}

/// Decides when a file is ready: once its writer has closed it or renamed it to its place, or, when nobody saw that happen,
/// once it has rested. Pure; the time comes from outside.
struct FileWatch {
    /// How long a file whose closing was not seen must have rested.
    var rest: Duration = .seconds(2)
    /// Files looked after at a time; the next scan finds the others, rested by then.
    static let limit = 10_000

    private struct Look {
        var facts: FileFacts
        var due: ContinuousClock.Instant
    }

    private var restless: [String: Look] = [:]

    /// Whether no file is looked after.
    var isQuiet: Bool { restless.isEmpty }

    /// When a file is to be looked at again.
    var nextDue: ContinuousClock.Instant? { restless.values.lazy.map(\.due).min() }

    /// A file was found by a scan, or has just been made.
    /// - Returns: whether it is ready.
    mutating func found(_ file: ReadyFile, at now: ContinuousClock.Instant, wallTime: Timestamp) -> Bool {
        guard file.facts.size > 0 else { return drop(file.path) }
        let age = wallTime - file.facts.modifiedAt
        if age >= rest {
            restless[file.path] = nil
            return true
        }
        // Written a moment ago, or in the future by the writer's clock: what counts is that it stays the same.
        if let look = restless[file.path], look.facts == file.facts { return false }
        if restless.count < Self.limit { restless[file.path] = Look(facts: file.facts, due: now + rest) }
        return false
    }

    /// A file's writer has closed it, or it was renamed to its place.
    /// - Returns: whether it is ready.
    mutating func closed(_ file: ReadyFile) -> Bool {
        restless[file.path] = nil
        return file.facts.size > 0
    }

    /// The files to be looked at now.
    func due(at now: ContinuousClock.Instant) -> [String] {
        restless.filter { $0.value.due <= now }.keys.sorted()
    }

    /// A file was looked at again.
    /// - Parameter facts: `nil` when it is gone.
    /// - Returns: whether it is ready.
    mutating func looked(at path: String, _ facts: FileFacts?, at now: ContinuousClock.Instant) -> Bool {
        guard let facts, facts.size > 0 else { return drop(path) }
        if restless[path]?.facts == facts {
            restless[path] = nil
            return true
        }
        restless[path] = Look(facts: facts, due: now + rest)
        return false
    }

    /// The folder is gone with all that was in it.
    mutating func forgetAll() { restless = [:] }

    private mutating func drop(_ path: String) -> Bool {
        restless[path] = nil
        return false
    }
}
