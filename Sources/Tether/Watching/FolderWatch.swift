import Core
import Glibc

/// The work of a watcher's thread: what the kernel tells becomes what `FileWatch` is told, and what that decides is told on.
struct FolderWatch {
    let folder: String
    private let reach: FolderReach
    let filter: FileFilter
    let limits: FolderWatcher.Limits
    private let alarm: Int32
    let tell: (WatchNews) -> Void
    private let clock: any WallClock = SystemWallClock()

    var inotify: Inotify?
    var tree = WatchedTree()
    private var files = FileWatch()
    private var identity: FolderIdentity?
    private var isMissing = false
    private var isQuiet = false
    private var nextScan = ContinuousClock.now
    private var nextCheck = ContinuousClock.now
    private var batch: [ReadyFile] = []
    private var notes: Set<String> = []

    /// Ready files told at a time.
    private static let batchSize = 256
    /// How often the folder itself is looked at: nothing tells that another was mounted over it.
    private static let checkInterval: Duration = .seconds(1)

    init(
        _ folder: String, _ filter: FileFilter, _ limits: FolderWatcher.Limits, _ alarm: Int32,
        tell: @escaping (WatchNews) -> Void
    ) {
        self.folder = folder
        reach = FolderReach(folder: folder)
        self.filter = filter
        self.limits = limits
        self.alarm = alarm
        self.tell = tell
        files.rest = limits.rest
    }

    /// One turn: waits for something to happen, and tells what came of it.
    mutating func turn() {
        let now = ContinuousClock.now
        if now >= nextCheck { checkFolder(now) }
        if !isMissing {
            if now >= nextScan { scanAll(now) }
            lookAgain(now)
            flush()
            tellQuiet()
        }
        wait(now)
        for event in inotify?.read() ?? [] { handle(event) }
        flush()
    }

    // MARK: The folder itself

    private mutating func checkFolder(_ now: ContinuousClock.Instant) {
        nextCheck = now + Self.checkInterval
        let found = FolderIdentity.of(folder)
        if found == identity, found != nil { return }
        forget()
        identity = found
        guard found != nil else {
            if !isMissing { tell(.missing) }
            isMissing = true
            return
        }
        if isMissing { tell(.back) }
        isMissing = false
        inotify = Inotify()
        if inotify == nil { note("The system has no inotify instance left.") }
        nextScan = now
    }

    private mutating func forget() {
        inotify = nil
        tree = WatchedTree()
        files.forgetAll()
        identity = nil
        isQuiet = false
    }

    // MARK: Events

    private mutating func handle(_ event: InotifyEvent) {
        if event.has(InotifyFlag.overflow) { return nextScan = .now }
        guard let parent = tree.path(of: event.watch) else { return }
        if event.has(InotifyFlag.ignored | InotifyFlag.unmounted | InotifyFlag.selfDeleted | InotifyFlag.selfMoved) {
            return lose(event, parent)
        }
        guard let name = event.name else { return }
        let path = "\(parent)/\(name)"
        if event.has(InotifyFlag.isFolder) { return handleFolder(event, name, path) }
        guard filter.takes(file: name), let facts = reach.facts(path) else { return }
        let file = ReadyFile(path: path, facts: facts)
        if event.has(InotifyFlag.closed | InotifyFlag.movedIn) {
            if files.closed(file) { add(file) }
        } else if event.has(InotifyFlag.created) {
            offer(file)
        }
    }

    private mutating func handleFolder(_ event: InotifyEvent, _ name: String, _ path: String) {
        if event.has(InotifyFlag.movedOut) {
            for watch in tree.remove(under: path) { inotify?.remove(watch) }
        } else if event.has(InotifyFlag.created | InotifyFlag.movedIn), filter.enters(folder: name) {
            scan(path)
        }
    }

    private mutating func lose(_ event: InotifyEvent, _ path: String) {
        // The root may be back at once, even with the number that it had: it is watched anew, whatever it is.
        if path == folder { (identity, nextCheck) = (nil, .now) }
        if event.has(InotifyFlag.ignored) { tree.remove(event.watch) }
    }

    // MARK: Looking

    private mutating func scanAll(_ now: ContinuousClock.Instant) {
        scan(folder)
        nextScan = now + (inotify == nil || notes.contains(Self.noWatches) ? limits.rescanUnwatched : limits.rescan)
    }

    /// Looks at a folder and all in it: first the watch, then the names, so that nothing falls between.
    private mutating func scan(_ top: String) {
        var waiting = [top]
        var seen = 0
        while let path = waiting.popLast() {
            seen += 1
            guard seen <= limits.folders else { return note("More than \(limits.folders) folders; the others are not watched.") }
            watch(path)
            guard let listing = FolderListing(path, in: reach) else { continue }
            if listing.unreadable > 0 { note("Files whose names are not UTF-8 are passed over.") }
            for name in listing.files where filter.takes(file: name) { found("\(path)/\(name)") }
            guard depth(of: path) < limits.depth else { continue }
            waiting += listing.folders.filter(filter.enters(folder:)).sorted(by: >).map { "\(path)/\($0)" }
        }
    }

    private func depth(of path: String) -> Int {
        let slashes = { (text: String) in text.utf8.count { $0 == UInt8(ascii: "/") } }
        return slashes(path) - slashes(folder)
    }

    private mutating func watch(_ path: String) {
        guard let inotify else { return }
        // Whoever asks for the tool's folder by a link means what it leads to; links inside are not followed.
        if let watch = inotify.add(path, followingLink: path == folder) {
            tree.insert(watch, path)
        } else if errno == ENOSPC {
            note(Self.noWatches)
        }
    }

    private static let noWatches =
        "The system's limit of watched folders is reached (fs.inotify.max_user_watches); looking every few seconds instead."

    private mutating func found(_ path: String) {
        if let facts = reach.facts(path) { offer(ReadyFile(path: path, facts: facts)) }
    }

    private mutating func offer(_ file: ReadyFile) {
        if files.found(file, at: .now, wallTime: clock.now()) { add(file) }
    }

    private mutating func lookAgain(_ now: ContinuousClock.Instant) {
        for path in files.due(at: now) {
            let facts = reach.facts(path)
            if files.looked(at: path, facts, at: now), let facts { add(ReadyFile(path: path, facts: facts)) }
        }
    }

    // MARK: Telling

    private mutating func add(_ file: ReadyFile) {
        isQuiet = false
        batch.append(file)
        if batch.count >= Self.batchSize { flush() }
    }

    private mutating func flush() {
        guard !batch.isEmpty else { return }
        tell(.ready(batch))
        batch = []
    }

    private mutating func tellQuiet() {
        guard files.isQuiet, !isQuiet else { return }
        isQuiet = true
        tell(.quiet)
    }

    /// Says something once.
    private mutating func note(_ text: String) {
        if notes.insert(text).inserted { tell(.note(text)) }
    }

    private func wait(_ now: ContinuousClock.Instant) {
        let next = min(nextCheck, isMissing ? nextCheck : nextScan, files.nextDue ?? nextCheck)
        let milliseconds = Int32(clamping: max(0, (next - now).milliseconds + 1))
        if let inotify { inotify.wait(or: alarm, milliseconds: milliseconds) } else { Inotify.wait([alarm], milliseconds) }
    }
}
