/// What a folder's watcher has to tell.
enum WatchNews: Sendable, Equatable {
    /// Files that are ready; the same file may be named again.
    case ready([ReadyFile])
    /// Everything was looked at, and no file is about to become ready.
    case quiet
    /// The folder is not there (any more).
    case missing
    /// The folder is there again.
    case back
    /// Something is not as it should be, for a person.
    case note(String)
}

/// Hands what one thread has to tell to a task, a bounded number of pieces at a time: a thread that is ahead waits.
final class WatchInlet: Sendable {
    let news: AsyncStream<WatchNews>
    private let entry: AsyncStream<WatchNews>.Continuation
    private let room: WatchRoom

    init(pieces: Int = 16) {
        (news, entry) = AsyncStream.makeStream()
        room = WatchRoom(pieces)
    }

    /// Waits for room, unless `isStopped` becomes true. Only for a thread that may wait.
    func push(_ piece: WatchNews, unless isStopped: () -> Bool) {
        while !room.enter(within: 0.2) { if isStopped() { return } }
        entry.yield(piece)
    }

    /// A piece has been dealt with.
    func taken() { room.leave() }

    func finish() { entry.finish() }
}
