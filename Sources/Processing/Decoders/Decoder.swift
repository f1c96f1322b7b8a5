import Core
import Subprocess
import Synchronization

/// One live decoder child. Valid only inside the body that `DecoderSlot` gives it to.
final class Decoder: Sendable {
    typealias Child = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>
    typealias End = DecoderConversation.End

    private let child: Child
    private let conversation = Mutex(DecoderConversation())
    private let replies: AsyncThrowingStream<DecodeReply, any Error>
    private let incoming: AsyncThrowingStream<DecodeReply, any Error>.Continuation
    private let startedAt = ContinuousClock.now
    private let trust: DecoderTrust

    init(_ child: Child, trust: DecoderTrust) {
        self.child = child
        self.trust = trust
        (replies, incoming) = AsyncThrowingStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maxWaitingReplies))
    }

    /// Whether another request can be sent.
    var isAlive: Bool { conversation.withLock { $0.end == nil } }

    /// Whether the child's death can be blamed on the file: the program works, or this child lived long enough to have
    /// started properly.
    var isProven: Bool { trust.isEarned || startedAt.duration(to: .now) > .milliseconds(500) }

    /// Whether the child has ended a job.
    var hasWorked: Bool { conversation.withLock { $0.jobsEnded > 0 } }

    var processID: Int32 { child.processIdentifier.value }

    /// Sends a request and hands over each reply up to and including `done` or `failed`. A child that takes longer than the
    /// request's limit is killed; what the body takes does not count. A child is of no further use when this throws.
    /// - Throws: what the body throws, or `End`: `interrupted` when the child was gone before it had the request.
    func decode(_ request: DecodeRequest, _ body: (DecodeReply) async throws -> Void) async throws {
        let frame = try MessageFraming.frame(request)
        try conversation.withLock { conversation throws(End) in try conversation.requestSent() }
        do {
            guard try await child.standardInputWriter.write(frame) == frame.count else { throw End.exited }
        } catch {
            kill(.exited)
            throw End.interrupted
        }
        let time = DecoderTime(.milliseconds(request.timeLimit))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { if await time.runsOut() { self.kill(.timedOut) } }
                defer { group.cancelAll() }
                try await handOver { reply in
                    time.pause()
                    try await body(reply)
                    time.goOn()
                }
            }
        } catch {
            kill(.interrupted)
            throw error
        }
    }

    private func handOver(to body: (DecodeReply) async throws -> Void) async throws {
        for try await reply in replies {
            try await body(reply)
            switch reply {
            case .done, .failed: return
            case .facts, .rendition: continue
            }
        }
        throw End.interrupted  // the caller was cancelled
    }

    /// Ends the child now.
    /// - Returns: why it ended: this cause, or an earlier one.
    @discardableResult
    func kill(_ cause: End) -> End {
        let first = conversation.withLock { $0.ended(cause) }
        // The process is reaped only after the slot's body has returned, so the id still names this child. Failure
        // means that it is dead already.
        try? child.send(signal: .kill)
        return first
    }

    /// Reads replies until the child closes its end, or breaks the rules and is killed.
    func readReplies() async {
        do {
            try await readMessages()
            incoming.finish(throwing: kill(.exited))
        } catch let end as End {
            incoming.finish(throwing: kill(end))
        } catch let failure as MessageFraming.Failure {
            incoming.finish(throwing: kill(.violation("\(failure)")))
        } catch {
            incoming.finish(throwing: kill(.exited))
        }
    }

    private func readMessages() async throws {
        var parser = MessageFraming.Parser()
        for try await buffer in child.standardOutput {
            buffer.withUnsafeBytes { parser.append($0) }
            while let payload = try parser.next() {
                let reply = try conversation.withLock { conversation throws(End) in try conversation.received(payload) }
                trust.earn()
                if case .dropped = incoming.yield(reply) { throw End.violation("more replies than a job can have") }
            }
        }
    }

    /// Replies that may wait while results are stored; more than any recipe asks for.
    private static let maxWaitingReplies = 64
}
