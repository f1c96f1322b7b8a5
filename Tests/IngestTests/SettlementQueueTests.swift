import Core
import Logging
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Ingest

/// Keeps what is logged at level `error`.
private struct ErrorLog: LogHandler {
    let errors: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ errors: NIOLockedValueBox<[String]>) { self.errors = errors }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.level == .error { errors.withLockedValue { $0.append(event.metadata?["error"]?.description ?? "") } }
    }
}

@Suite("The queue of uploads to be settled")
struct SettlementQueueTests {
    @Test("tells the same failure of an upload once, however often it is tried")
    func failures() async throws {
        let errors = NIOLockedValueBox<[String]>([])
        let outcome = NIOLockedValueBox<String?>(nil)
        let queue = SettlementQueue(width: 1, logger: Logger(label: "test") { _ in ErrorLog(errors) }) { _ in
            if let reason = outcome.withLockedValue({ $0 }) { throw Failure(description: reason) }
        }
        let (id, other) = (UploadID(at: Timestamp(milliseconds: 1)), UploadID(at: Timestamp(milliseconds: 2)))
        for (upload, reason) in [(id, "a"), (id, "a"), (other, "a"), (id, "b"), (id, "b"), (id, nil), (id, "b")] {
            outcome.withLockedValue { $0 = reason }
            await queue.enqueue(upload)
            await queue.idle()
        }
        #expect(errors.withLockedValue { $0 } == ["a", "a", "b", "b"])
    }

    @Test("lets who asks wait for the end of a settlement, for so long, and not beyond its own end")
    func waiting() async throws {
        let gate = Inbox<Void>()
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let queue = SettlementQueue(width: 1, logger: silent) { _ in
            try await gate.wait(for: "the gate") { _, isClosed in isClosed ? () : nil }
        }
        let (id, next) = (UploadID(at: Timestamp(milliseconds: 1)), UploadID(at: Timestamp(milliseconds: 2)))
        await queue.settled(id, within: .seconds(60))
        await queue.enqueue(id)
        await queue.enqueue(next)
        for upload in [id, next] { await queue.settled(upload, within: .milliseconds(1)) }
        let waiting = [id, next].map { upload in Task { await queue.settled(upload, within: .seconds(60)) } }
        gate.close()
        try await within { for task in waiting { await task.value } }
    }

    @Test("lets nobody wait for what it will not begin any more")
    func stopped() async throws {
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let queue = SettlementQueue(width: 1, logger: silent) { _ in try await Task.sleep(for: .seconds(3600)) }
        let (id, next) = (UploadID(at: Timestamp(milliseconds: 1)), UploadID(at: Timestamp(milliseconds: 2)))
        await queue.enqueue(id)
        await queue.enqueue(next)
        let waiting = [id, next].map { upload in Task { await queue.settled(upload, within: .seconds(60)) } }
        await queue.stop()
        try await within { for task in waiting { await task.value } }
    }

    private struct Failure: Error, CustomStringConvertible { let description: String }
}
