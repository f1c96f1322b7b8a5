import Core
import Logging
import NIOConcurrencyHelpers
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

    private struct Failure: Error, CustomStringConvertible { let description: String }
}
