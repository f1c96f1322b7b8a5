import Core
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Ingest

@Suite("The registry of transfers")
struct TransferRegistryTests {
    private let id = UploadID(at: Timestamp(milliseconds: 0))
    private let someone = Uploader(rawValue: "someone")

    /// A transfer that holds the upload until it is asked to let go.
    private func patient(_ registry: TransferRegistry, _ started: AsyncStream<Void>.Continuation) -> Task<Void, any Error> {
        Task {
            let revocation = Revocation()
            try await registry.hold(id, revocation, receivingFrom: someone) {
                await withCheckedContinuation { continuation in
                    revocation.onRevoke { continuation.resume() }
                    started.yield()
                }
            }
        }
    }

    @Test("makes the older request let go before the newer one begins")
    func takeover() async throws {
        let registry = TransferRegistry(timeout: .seconds(5), transfers: TransferCount(limit: 10, limitPerUploader: 10))
        let (started, continuation) = AsyncStream.makeStream(of: Void.self)
        let older = patient(registry, continuation)
        for await _ in started { break }
        let value = try await within { try await registry.hold(id, Revocation(), receivingFrom: someone) { 7 } }
        #expect(value == 7)
        try await older.value
        #expect(await registry.count == 0)
    }

    @Test("gives up on an older request that does not let go")
    func stubborn() async throws {
        let registry = TransferRegistry(timeout: .milliseconds(20), transfers: TransferCount(limit: 10, limitPerUploader: 10))
        let (started, continuation) = AsyncStream.makeStream(of: Void.self)
        let (finish, finishing) = AsyncStream.makeStream(of: Void.self)
        let older = Task {
            try await registry.hold(id, Revocation(), receivingFrom: someone) {
                continuation.yield()
                for await _ in finish { break }
            }
        }
        for await _ in started { break }
        let refusal = await problem { try await registry.hold(id, Revocation(), receivingFrom: someone) { 7 } }
        #expect(refusal == TusMachine.locked)
        finishing.yield()
        try await older.value
        #expect(try await registry.hold(id, Revocation(), receivingFrom: someone) { 8 } == 8)
    }

    @Test("refuses transfers beyond its limit, and counts those that end")
    func limit() async throws {
        let registry = TransferRegistry(timeout: .seconds(5), transfers: TransferCount(limit: 1, limitPerUploader: 1))
        let (started, continuation) = AsyncStream.makeStream(of: Void.self)
        let older = patient(registry, continuation)
        for await _ in started { break }
        let other = UploadID(at: Timestamp(milliseconds: 1))
        let refusal = await problem { try await registry.hold(other, Revocation(), receivingFrom: someone) { 1 } }
        #expect(refusal?.status == 503)
        #expect(refusal?.headers["Retry-After"] != nil)
        // Questions and endings bring no bytes: they are never refused for that.
        #expect(try await registry.hold(id, Revocation()) { 2 } == 2)
        try await older.value
        #expect(try await registry.hold(other, Revocation(), receivingFrom: someone) { 3 } == 3)
    }

    @Test("counts each uploader's transfers apart, and forgets those that end")
    func limitPerUploader() throws {
        var transfers = TransferCount(limit: 4, limitPerUploader: 2)
        let other = Uploader(rawValue: "other")
        for _ in 0..<2 { try transfers.begin(someone) }
        let refusal = #expect(throws: Problem.self) { try transfers.begin(someone) }
        #expect(refusal?.status == 429)
        #expect(refusal?.code == "too_many_uploads")
        #expect(refusal?.headers["Retry-After"] != nil)
        try transfers.begin(other)
        transfers.end(someone)
        try transfers.begin(someone)
        try transfers.begin(other)
        #expect(throws: Problem.self) { try transfers.begin(Uploader(rawValue: "third")) }
    }

    @Test("lets the newest of many requests win")
    func newest() async throws {
        let registry = TransferRegistry(timeout: .seconds(5), transfers: TransferCount(limit: 100, limitPerUploader: 100))
        let last = NIOLockedValueBox(0)
        let running = NIOLockedValueBox(0)
        await withTaskGroup(of: Void.self) { group in
            for number in 1...50 {
                group.addTask {
                    _ = try? await registry.hold(id, Revocation(), receivingFrom: someone) {
                        #expect(running.withLockedValue { $0 += 1; return $0 } == 1)
                        await Task.yield()
                        running.withLockedValue { $0 -= 1 }
                        last.withLockedValue { $0 = number }
                    }
                }
            }
        }
        #expect(last.withLockedValue { $0 } > 0)
        #expect(await registry.count == 0)
    }
}
