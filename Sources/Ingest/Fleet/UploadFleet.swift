import Core
import Logging
import NIOConcurrencyHelpers

/// What the transfers of this process learn of other nodes. The generation in the database decides who holds an upload;
/// nodes nudge each other so that the older one lets go at once, and each looks for itself now and then.
final class UploadFleet: Sendable {
    /// The name of the nudge.
    static let nudge = "upload"
    /// Between two looks at the database.
    static let pause = Duration.seconds(1)

    private let store: UploadStore
    private let nudges: (any Nudges)?
    private let logger: Logger
    private let held = NIOLockedValueBox<[UploadID: HeldTransfer]>([:])

    init(store: UploadStore, nudges: (any Nudges)?, logger: Logger) {
        self.store = store
        self.nudges = nudges
        self.logger = logger
        nudges?.listen(for: Self.nudge) { [weak self] text in self?.hear(text) }
    }

    /// Tells the other nodes that an upload has been taken over, or has ended.
    func announce(_ id: UploadID, generation: Int) { nudges?.nudge(Self.nudge, "\(id) \(generation)") }

    /// Registers a transfer for as long as it runs.
    func hold<Value: Sendable>(
        _ transfer: HeldTransfer, while body: () async throws -> Value
    ) async rethrows -> Value {
        held.withLockedValue { $0[transfer.id] = transfer }
        defer {
            held.withLockedValue { held in if held[transfer.id] === transfer { held[transfer.id] = nil } }
        }
        return try await body()
    }

    /// Whether a transfer of this process has the upload.
    func isHolding(_ id: UploadID) -> Bool { held.withLockedValue { $0[id] != nil } }

    /// Looks once a second whether transfers have lost their uploads, until its task is cancelled.
    func watch() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
            do { try await look() } catch {
                logger.debug("could not look for lost uploads", metadata: ["error": "\(error)"])
            }
        }
    }

    /// One look, at all of them together: there are no more than transfers at a time.
    func look() async throws {
        let ids = held.withLockedValue { Array($0.keys) }
        if ids.isEmpty { return }
        let generations = try await store.generations(of: ids)
        for id in ids { lose(id, since: generations[id] ?? .max) }
    }

    private func hear(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let id = UploadID(String(words[0])), let generation = Int(words[1]) else { return }
        lose(id, since: generation)
    }

    private func lose(_ id: UploadID, since generation: Int) {
        let transfer = held.withLockedValue { $0[id] }
        if let transfer, transfer.generation < generation { transfer.lose() }
    }
}
