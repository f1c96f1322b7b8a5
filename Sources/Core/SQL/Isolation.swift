/// What a write may notice of others that run beside it.
public enum Isolation: Sendable, Hashable {
    /// As if all writes ran one after another; whatever a body read still holds when it commits.
    case serializable
    /// Each statement sees what was committed before it began. Only for bodies that decide nothing but by rows they have
    /// locked, such as taking jobs with `SQLDialect.takingUnlocked`: there it spares them needless repetitions.
    case readCommitted
}

extension Database {
    /// A database whose writes exclude each other has nothing weaker to offer.
    public func write<Value: Sendable>(
        _ isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await write(body)
    }
}
