import Core
import Logging
import ServiceLifecycle

/// Keeps incoming files in order for as long as the process serves; at its end lets what is being handed over finish.
struct IngestWorker: Service {
    let sweeper: UploadSweeper
    let service: IngestService
    let queue: SettlementQueue
    let pools: [BlockingPool]
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await attempt("recover uploads") {
                try await sweeper.recover { id in
                    // One upload that cannot be read must not keep the others from being found.
                    await attempt("recover an upload") { _ = try await service.status(id) }
                }
            }
            while !Task.isCancelled {
                await attempt("sweep uploads") { try await sweeper.sweep() }
                try? await Task.sleep(for: interval)
            }
        }
        await stop()
    }

    /// Ends the threads; what comes in afterwards is answered 503.
    func stop() async {
        await queue.drain()
        for pool in pools { await pool.shutdown() }
    }

    private func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
        } catch {
            logger.error("could not \(what)", metadata: ["error": "\(error)"])
        }
    }
}
