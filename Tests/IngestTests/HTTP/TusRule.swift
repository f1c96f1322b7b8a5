import Testing

/// A sentence of the specification and the conversation that holds the server to it.
struct TusRule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (TusServer) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (TusServer) async throws -> Void) {
        testDescription = sentence
        self.check = check
    }
}

@Suite("tus 1.0.0")
struct TusConformanceTests {
    @Test("core protocol", arguments: coreRules)
    func core(_ rule: TusRule) async throws { try await withTusServer { try await rule.check($0) } }

    @Test("creation, creation-with-upload and creation-defer-length", arguments: creationRules)
    func creation(_ rule: TusRule) async throws { try await withTusServer { try await rule.check($0) } }

    @Test("expiration, termination and checksum", arguments: extensionRules)
    func extensions(_ rule: TusRule) async throws { try await withTusServer { try await rule.check($0) } }

    @Test("concatenation", arguments: concatenationRules)
    func concatenation(_ rule: TusRule) async throws { try await withTusServer { try await rule.check($0) } }
}
