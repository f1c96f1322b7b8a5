/// Something that has to hold wherever a contract is run, of a subject that each driver makes.
public struct Clause<Subject>: Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
    public let check: @Sendable (Subject) async throws -> Void

    public init(_ sentence: String, _ check: @escaping @Sendable (Subject) async throws -> Void) {
        description = sentence
        self.check = check
    }
}
