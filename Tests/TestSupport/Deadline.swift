/// Something did not happen in time.
public struct TimedOut: Error, CustomStringConvertible {
    public let description: String

    public init(_ what: String) { description = "timed out waiting for \(what)" }
}

/// Asks again and again until there is an answer: for states that announce no event of their own.
public func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(45), every pause: Duration = .milliseconds(40),
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await look() { return value }
        guard ContinuousClock.now < deadline else { throw TimedOut(what) }
        try await Task.sleep(for: pause)
    }
}

/// Gives up on something that should have happened by then.
/// - Throws: `TimedOut`, or what `work` throws.
public func within<Value: Sendable>(
    _ limit: Duration = .seconds(10), _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: work)
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimedOut("something that should have taken less than \(limit)")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
