import Core
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Keeps incoming files in order for as long as the process serves; what is being handed over at its end is left to the
/// next process.
struct IngestWorker: Service {
    /// Before the recovery is tried for the second time; it doubles up to the interval.
    private static let firstPause = Duration.seconds(1)

    let sweeper: UploadSweeper
    let service: IngestService
    let queue: SettlementQueue
    let bytes: any UploadBytes
    let hashPool: BlockingPool
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let watching: Void? = service.fleet?.watch()
            async let relieving: Void = relieve()
            await sweep()
            _ = await (watching, relieving)
        }
        await stop()
    }

    private func sweep() async {
        var pause = min(Self.firstPause, interval)
        var isRecovered = false
        while !Task.isCancelled {
            if !isRecovered { isRecovered = await recover() }
            await attempt("sweep uploads") { try await sweeper.sweep() }
            try? await Task.sleep(for: isRecovered ? interval : pause)
            pause = min(pause * 2, interval)
        }
    }

    private func relieve() async {
        while !Task.isCancelled, sweeper.watch != nil {
            await attempt("look for abandoned uploads") { try await sweeper.relieve() }
            try? await Task.sleep(for: LeaseWatch.pause)
        }
    }

    /// Ends the threads; what comes in afterwards is answered 503.
    func stop() async {
        await queue.stop()
        // Now, so that nobody waits for the rest of a long hash.
        await hashPool.shutdown()
        await queue.idle()
        // Those who were told to let go still write what has come.
        await service.registry.idle(within: service.configuration.takeoverTimeout)
        await bytes.stop()
    }

    /// - Returns: false when something has to be tried again.
    private func recover() async -> Bool {
        let isComplete = NIOLockedValueBox(true)
        let isThrough = await attempt("recover uploads") {
            try await sweeper.recover { id in
                // One upload that cannot be read must not keep the others from being found.
                if await !attempt("recover an upload", { try await refresh(id) }) {
                    isComplete.withLockedValue { $0 = false }
                }
            }
        }
        return isThrough && isComplete.withLockedValue { $0 }
    }

    private func refresh(_ id: UploadID) async throws {
        do {
            _ = try await service.status(id)
        } catch let problem as Problem where problem.status < 500 {
            // Its client was faster, or it has ended: nothing is left to be found.
        }
    }

    @discardableResult
    private func attempt(_ what: String, _ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return true
        } catch is CancellationError {
        } catch {
            logger.error("could not \(what)", metadata: ["error": "\(error)"])
        }
        return false
    }
}
