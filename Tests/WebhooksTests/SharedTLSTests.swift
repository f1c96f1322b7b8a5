import Foundation
import TestSupport
import Testing

@testable import Webhooks

@Suite struct SharedTLSTests {
    @Test func `all who ask get the same context, however many ask at once`() async throws {
        let tls = SharedTLS(authorities: nil)
        let contexts = try await withThrowingTaskGroup(of: ObjectIdentifier.self) { group in
            for _ in 0..<20 { group.addTask { ObjectIdentifier(try await tls.context()) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(contexts == [ObjectIdentifier(try await tls.context())])
    }

    @Test(.enabled(if: WebhookReceiver.isAvailable)) func `authorities that could not be read are read later`() async throws {
        let folder = try TemporaryFolder("authorities")
        let tls = SharedTLS(authorities: folder.file("late.pem"))
        await #expect(throws: (any Error).self) { try await tls.context() }
        let certificates = try await TestCertificates(in: folder)
        try FileManager.default.copyItem(atPath: certificates.authority, toPath: folder.file("late.pem"))
        _ = try await tls.context()
    }
}
