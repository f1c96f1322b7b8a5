import Core
import Logging
import ServiceLifecycle

extension JobAttempt {
    /// Runs a body while the claim is kept alive; kills the decoder when the claim is lost, or the worker has to go down.
    func watched<Value: Sendable>(_ decoder: Decoder, _ body: () async -> Value) async -> Value {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keepClaim(decoder) }
            group.addTask {
                do { try await gracefulShutdown() } catch { return }
                await kill(decoder, .interrupted, after: house.configuration.drain)
            }
            let value = await body()
            group.cancelAll()
            return value
        }
    }

    private func kill(_ decoder: Decoder, _ cause: Decoder.End, after time: Duration) async {
        do { try await Task.sleep(for: time) } catch { return }
        decoder.kill(cause)
    }

    private func keepClaim(_ decoder: Decoder) async {
        let lease = house.configuration.lease
        while true {
            do { try await Task.sleep(for: lease / 3) } catch { return }
            do {
                let isOurs = try await house.database.write { try house.jobs.heartbeat(claim, lease: lease, in: $0) }
                if isOurs { continue }
                // The last commit may have ended the claim properly in the meantime; then this changes nothing.
                if Task.isCancelled { return }
                house.logger.warning("claim lost", metadata: ["job": "\(claim.job.id)"])
                decoder.kill(.interrupted)
                return
            } catch {
                house.logger.error("heartbeat failed", metadata: metadata(error))
            }
        }
    }
}
