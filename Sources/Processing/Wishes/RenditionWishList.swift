public import Core
public import Logging
import Synchronization

/// Takes wishes from whoever serves files, and queues jobs for them, many at a time.
///
/// A request costs no more than a look into a bounded memory. What is in it is lost with the process: then the next request
/// wishes again. Every process of a fleet may have one; a job is queued once, whoever was first.
public final class RenditionWishList: RenditionWishes {
    private let jobs: JobStore
    private let database: any Database
    private let clock: any WallClock
    private let logger: Logger
    private let memory = Mutex(WishMemory())
    private let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// Wishes looked at in one transaction.
    static let batch = 100
    /// Between two of them.
    static let pause = Duration.milliseconds(200)

    /// - Parameter jobs: the same store that enqueues, so that a commit wakes the runner at once.
    public init(_ jobs: JobStore, database: any Database, clock: any WallClock = SystemWallClock(), logger: Logger) {
        self.jobs = jobs
        self.database = database
        self.clock = clock
        self.logger = logger
        (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    public func wish(for original: OriginalID, recipe: String) {
        let wish = RenditionWish(originalID: original, recipe: recipe)
        if memory.withLock({ $0.add(wish, at: clock.now()) }) { bell.yield() }
    }

    /// Queues jobs until cancelled; to be called once.
    public func run() async {
        for await _ in rings {
            while !Task.isCancelled {
                let wishes = memory.withLock { $0.take(Self.batch) }
                if wishes.isEmpty { break }
                await grant(wishes)
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func grant(_ wishes: [RenditionWish]) async {
        do {
            let wanted = try await database.read { [jobs] in try jobs.grantable(wishes, in: $0) }
            if wanted.isEmpty { return }
            try await database.write { [jobs] in try jobs.grant(wanted, in: $0) }
        } catch {
            memory.withLock { $0.forget(wishes) }
            logger.error("wishes for renditions could not be queued", metadata: ["error": "\(error)"])
        }
    }
}
