import Core
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ObjectStore

/// The files that are being asked for: bounded in number, each for no longer than a lookup holds. As long as somebody goes
/// on asking, it is looked up again before that time is over.
final class HotFiles: Sendable {
    private struct State {
        var refreshing: Set<String> = []
        var isTidying = false
    }

    /// What an open file weighs against one in memory: so many fewer of them are kept.
    private static let openCost = 16
    /// Lookups that are made at a time ahead of need; who finds none left goes the usual way a moment later.
    private static let maximumRefreshes = 32
    /// An entry is looked up again from the middle of its life on.
    private static let lifetime: Duration = .seconds(1), freshness: Duration = .milliseconds(500)

    private let files: LookupCache<String, HotFile>
    private let state = NIOLockedValueBox(State())
    private let catalog: any MediaCatalog
    private let objects: any StreamingObjectStore
    private let threads: NIOThreadPool
    private let clock: any WallClock

    /// - Parameter capacity: files in memory that are known; of open files a sixteenth.
    init(
        _ catalog: any MediaCatalog, _ objects: any StreamingObjectStore, threads: NIOThreadPool, capacity: Int, clock: any WallClock
    ) {
        self.catalog = catalog
        self.objects = objects
        self.threads = threads
        self.clock = clock
        files = LookupCache(capacity: capacity, lifetime: Self.lifetime, clock: clock)
    }

    /// What is known of the file with that path.
    func file(_ path: String) -> HotFile? {
        let now = clock.now()
        guard let hot = files.value(path), (.zero..<Self.lifetime).contains(now - hot.lookedUpAt) else { return nil }
        if now - hot.lookedUpAt >= Self.freshness { refresh(path) }
        return hot
    }

    /// A file has been answered with.
    /// - Parameters:
    ///   - lookedUpAt: before the catalogue was asked.
    ///   - opened: if it is a large one that lies here.
    func note(_ file: MediaFile, at path: MediaPath, lookedUpAt: Timestamp, _ opened: OpenFile?) {
        if GrantedDocument.isAsked(path, file) || (file.size > MediaBytes.smallFile && opened == nil) { return }
        if let known = files.value(path.text), known.lookedUpAt >= lookedUpAt { return }
        store(HotFile(file, at: path, opened, lookedUpAt: lookedUpAt), path.text)
    }

    private func store(_ hot: HotFile, _ path: String) {
        files.store(hot, for: path, cost: hot.opened == nil ? 1 : Self.openCost)
        tidyLater()
    }

    // MARK: Looking ahead

    private func refresh(_ text: String) {
        let isOurs = state.withLockedValue { $0.refreshing.count < Self.maximumRefreshes && $0.refreshing.insert(text).inserted }
        guard isOurs else { return }
        Task {
            // What fails is not said here: the next request goes the usual way and hears of it.
            try? await lookUp(text)
            _ = state.withLockedValue { $0.refreshing.remove(text) }
        }
    }

    private func lookUp(_ text: String) async throws {
        let now = clock.now()
        let segments = text.split(separator: "/").map(String.init)
        guard segments.count == 3, let path = MediaPath(id: segments[1], file: segments[2]), let file = try await catalog.file(path) else {
            return files.remove(text)
        }
        var opened: OpenFile?
        if file.size > MediaBytes.smallFile {
            guard let path = objects.localPath(of: file.objectKey) else { return files.remove(text) }
            // Opened anew: another file may be in its place.
            opened = try await threads.runIfActive { try OpenFile(path) }
        }
        note(file, at: path, lookedUpAt: now, opened)
    }

    // MARK: Letting go

    /// What nobody asks for any more must not be held open: the disk could not reuse its place.
    private func tidyLater() {
        let isOurs = state.withLockedValue { state in
            defer { state.isTidying = true }
            return !state.isTidying
        }
        guard isOurs else { return }
        Task {
            var isEmpty = false
            while !isEmpty {
                try? await Task.sleep(for: Self.lifetime)
                isEmpty = state.withLockedValue { state in
                    state.isTidying = !files.removeExpired()
                    return !state.isTidying
                }
            }
        }
    }
}
