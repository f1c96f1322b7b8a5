import Core
import NIOConcurrencyHelpers

/// A small cache of values that may be a moment old: bounded in number and age, oldest entries leave first.
struct LookupCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State: Sendable {
        var entries: [Key: Entry] = [:]
        var cost = 0
        var sequence: UInt64 = 0
    }

    private struct Entry: Sendable {
        var value: Value
        var cost: Int
        var storedAt: Timestamp
        var usedAt: UInt64
    }

    private let state = NIOLockedValueBox(State())
    private let capacity: Int
    private let largest: Int
    private let lifetime: Duration?
    private let clock: any WallClock

    /// - Parameters:
    ///   - capacity: the most that the costs of all entries may add up to.
    ///   - largest: the most that one value may cost; unless said, an eighth of all: one alone must not drive out most others.
    ///   - lifetime: `nil` for values that never change.
    init(capacity: Int, largest: Int? = nil, lifetime: Duration?, clock: any WallClock) {
        self.capacity = capacity
        self.largest = largest ?? capacity / 8
        self.lifetime = lifetime
        self.clock = clock
    }

    func value(_ key: Key) -> Value? {
        let now = clock.now()
        return state.withLockedValue { state in
            guard let place = state.entries.index(forKey: key), holds(state.entries.values[place], at: now) else { return nil }
            state.sequence += 1
            state.entries.values[place].usedAt = state.sequence
            return state.entries.values[place].value
        }
    }

    /// What was stored in the future has seen the clock set back: nobody knows how old it is.
    private func holds(_ entry: Entry, at now: Timestamp) -> Bool {
        lifetime.map { entry.storedAt <= now && now < entry.storedAt + $0 } ?? true
    }

    func remove(_ key: Key) {
        state.withLockedValue { state in state.cost -= state.entries.removeValue(forKey: key)?.cost ?? 0 }
    }

    /// Forgets what is too old.
    /// - Returns: whether nothing is left.
    func removeExpired() -> Bool {
        let now = clock.now()
        return state.withLockedValue { state in
            state.entries = state.entries.filter { holds($0.value, at: now) }
            state.cost = state.entries.values.reduce(0) { $0 + $1.cost }
            return state.entries.isEmpty
        }
    }

    /// Whether a value of that cost is kept at all.
    func keeps(cost: Int) -> Bool { cost <= largest || cost == 1 }

    func store(_ value: Value, for key: Key, cost: Int = 1) {
        guard keeps(cost: cost) else { return }
        let now = clock.now()
        state.withLockedValue { state in
            state.sequence += 1
            state.cost -= state.entries[key]?.cost ?? 0
            state.entries[key] = Entry(value: value, cost: cost, storedAt: now, usedAt: state.sequence)
            state.cost += cost
            if state.cost > capacity { Self.evict(&state, downTo: capacity * 3 / 4) }
        }
    }

    /// Drops a quarter at once, so that the sort is paid rarely.
    private static func evict(_ state: inout State, downTo target: Int) {
        for (key, entry) in state.entries.sorted(by: { $0.value.usedAt < $1.value.usedAt }) {
            guard state.cost > target else { return }
            state.entries[key] = nil
            state.cost -= entry.cost
        }
    }
}
