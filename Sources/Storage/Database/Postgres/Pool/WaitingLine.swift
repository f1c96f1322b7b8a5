/// Jobs in the order in which they came, each until a deadline. Any of them may leave.
struct WaitingLine {
    typealias Instant = ContinuousClock.Instant

    /// Those who are here.
    private var deadlines: [UInt64: Instant] = [:]
    /// May still name some who have left.
    private var order: [UInt64] = []
    /// Before it, `order` is used up.
    private var head = 0

    var count: Int { deadlines.count }

    mutating func append(_ job: UInt64, until deadline: Instant) {
        deadlines[job] = deadline
        order.append(job)
        if order.count > 2 * deadlines.count + 64 { compact() }
    }

    mutating func prepend(_ job: UInt64, until deadline: Instant) {
        compact()
        deadlines[job] = deadline
        order.insert(job, at: 0)
    }

    mutating func popFirst() -> UInt64? {
        while head < order.count {
            defer { head += 1 }
            if deadlines.removeValue(forKey: order[head]) != nil { return order[head] }
        }
        return nil
    }

    /// Whether it was here.
    mutating func remove(_ job: UInt64) -> Bool { deadlines.removeValue(forKey: job) != nil }

    /// Takes out those whose deadline has passed.
    mutating func expire(_ now: Instant) -> [UInt64] {
        let late = order[head...].filter { deadlines[$0].map { $0 <= now } ?? false }
        for job in late { deadlines[job] = nil }
        return late
    }

    mutating func removeAll() -> [UInt64] {
        compact()
        defer { self = WaitingLine() }
        return order
    }

    private mutating func compact() {
        order = order[head...].filter { deadlines[$0] != nil }
        head = 0
    }
}
