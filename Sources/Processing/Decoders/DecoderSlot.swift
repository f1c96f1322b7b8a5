import Logging
import Subprocess

/// Keeps one decoder child warm: starts it, lends it out, and replaces it when it dies, is used up or has grown.
struct DecoderSlot: Sendable {
    var command: DecoderCommand
    var bell: JobBell
    var trust: DecoderTrust
    var metrics: ProcessingMetrics
    var logger: Logger

    /// Lends one child after the other to a body, until the body says that it wants no more.
    /// - Parameter body: uses the child for as long as it likes; true asks for a fresh one.
    func run(_ body: @escaping @Sendable (Decoder) async -> Bool) async {
        var backoff = RestartBackoff()
        while !Task.isCancelled {
            let start = ContinuousClock.now
            let life = await lend(body)
            guard life.wantsMore else { return }
            let pause = backoff.pause(afterLifeOf: start.duration(to: .now), hasWorked: life.hasWorked)
            if pause > .zero { logger.warning("decoder ended at once", metadata: ["retryIn": "\(pause)"]) }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// Lends a single child.
    /// - Returns: whether it could be started.
    func lendOnce(_ body: @escaping @Sendable (Decoder) async -> Void) async -> Bool {
        let life = await lend { decoder in
            await body(decoder)
            return false
        }
        return life.hasStarted
    }

    private struct Life { var wantsMore: Bool; var hasWorked: Bool; var hasStarted = true }

    /// One child's life, from its start to its certain death.
    private func lend(_ body: @escaping @Sendable (Decoder) async -> Bool) async -> Life {
        metrics.decoderStarted()
        do {
            let result = try await Subprocess.run(
                command.subprocess, input: .inputWriter, output: .sequence, error: .sequence
            ) { child in
                await use(child, body)
            }
            logger.debug("decoder ended", metadata: ["status": "\(result.terminationStatus)"])
            return result.closureResult
        } catch {
            logger.error("decoder cannot be run", metadata: ["path": "\(command.path)", "error": "\(error)"])
            return Life(wantsMore: !Task.isCancelled, hasWorked: false, hasStarted: false)
        }
    }

    private func use(_ child: Decoder.Child, _ body: @escaping @Sendable (Decoder) async -> Bool) async -> Life {
        let decoder = Decoder(child, trust: trust)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await decoder.readReplies()
                bell.ring()  // whoever waits for work beside this child must notice
            }
            group.addTask { await log(child) }
            let wantsMore = await body(decoder)
            let life = Life(wantsMore: wantsMore, hasWorked: decoder.hasWorked)
            try? await child.standardInputWriter.finish()
            await child.teardown(using: DecoderCommand.teardown)
            return life
        }
    }

    /// Passes on what the child prints. Always reads, so that a child never blocks on a full pipe.
    private func log(_ child: Decoder.Child) async {
        var limiter = LineLimiter()
        let logger = { (lines: [String]) in
            for line in lines {
                self.logger.info("decoder: \(line)", metadata: ["decoder": "\(child.processIdentifier.value)"])
            }
        }
        do {
            for try await buffer in child.standardError {
                logger(buffer.withUnsafeBytes { limiter.take($0, at: .now) })
            }
        } catch {}  // the pipe is gone with the child
        logger(limiter.finish(at: .now))
    }
}
