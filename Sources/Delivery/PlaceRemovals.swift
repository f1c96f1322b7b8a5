import Core
import Glibc
import NIOCore
import NIOPosix
import ObjectStore

/// Finds out which bytes of originals are replaced for those who may not learn where they were made: on file threads, two
/// files at a time, each once however many ask for it.
///
/// A search that has begun goes on when those who asked are gone: they, or the next guest, will ask again.
actor PlaceRemovals {
    enum Outcome: Sendable {
        case patches(BytePatches)
        /// Nobody can say what the file tells, or not in time.
        /// - Parameter isFinal: false when there was not the time, or too much to fetch: that may have been the store's fault.
        case impossible(isFinal: Bool)
    }

    /// Files that are looked through at a time: each takes up a thread, and memory for what is read of it.
    private static let maximumSearches = 2
    /// For how long it is remembered that nobody can say what a file tells, or could not in time.
    private static let memory: Duration = .seconds(3600)
    /// What could not be done in time may have been the store's fault: when it is tried again; each time in a row after twice
    /// the pause before.
    static let firstPause: Duration = .seconds(30)

    private let objects: any StreamingObjectStore
    private let threads: NIOThreadPool
    private let patience: Duration
    private let known: LookupCache<String, BytePatches>
    private let impossible: LookupCache<String, Bool>
    private let late: LookupCache<String, Late>
    private let clock: any WallClock
    private var searches: [String: Task<Outcome, any Error>] = [:]
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Searches of a file that took too long.
    private struct Late: Sendable {
        var pause: Duration
        /// When the file may be looked through again.
        var until: Timestamp
    }

    /// - Parameters:
    ///   - capacity: bytes of patches that are kept.
    ///   - patience: how long one file may take; others wait meanwhile.
    init(
        _ objects: any StreamingObjectStore, threads: NIOThreadPool, capacity: Int, patience: Duration = .seconds(15), clock: any WallClock
    ) {
        self.objects = objects
        self.threads = threads
        self.patience = patience
        known = LookupCache(capacity: capacity, lifetime: nil, clock: clock)
        impossible = LookupCache(capacity: capacity, lifetime: Self.memory, clock: clock)
        late = LookupCache(capacity: capacity, lifetime: Self.memory, clock: clock)
        self.clock = clock
    }

    /// What is replaced in a file.
    /// - Throws: `IOError`, `ObjectStoreError` when it cannot be read.
    func outcome(of file: MediaFile) async throws -> Outcome {
        if let patches = known.value(file.sha256) { return .patches(patches) }
        if impossible.value(file.sha256) != nil { return .impossible(isFinal: true) }
        if let late = late.value(file.sha256), clock.now() < late.until { return .impossible(isFinal: false) }
        if let search = searches[file.sha256] { return try await search.value }
        let search = Task { try await look(through: file) }
        searches[file.sha256] = search
        defer { searches[file.sha256] = nil }
        let outcome = try await search.value
        switch outcome {
        case .patches(let patches): known.store(patches, for: file.sha256, cost: 256 + patches.footprint)
        case .impossible(isFinal: true): impossible.store(true, for: file.sha256, cost: 256)
        case .impossible: noteLate(file.sha256)
        }
        return outcome
    }

    private func noteLate(_ content: String) {
        let pause = late.value(content).map { min($0.pause * 2, Self.memory / 2) } ?? Self.firstPause
        late.store(Late(pause: pause, until: clock.now() + pause), for: content, cost: 256)
    }

    private func look(through file: MediaFile) async throws -> Outcome {
        await enter()
        defer { leave() }
        let (objects, path, patience, known) = (objects, objects.localPath(of: file.objectKey), patience, known)
        return try await threads.runIfActive {
            let read: (UInt64, Int) throws -> [UInt8]
            let deadline = ContinuousClock.now + patience
            var isLate = { ContinuousClock.now >= deadline }
            if let path {
                let opened = try OpenFile(path)
                read = { try opened.bytes(at: Int64($0), upTo: $1) }
            } else {
                let remote = RemoteFile(file, objects)
                read = remote.bytes
                isLate = { remote.isExhausted || ContinuousClock.now >= deadline }
            }
            // Of a file that is shorter than announced, what cannot be read could tell.
            let readAll = { (offset: UInt64, count: Int) in
                let bytes = try read(offset, count)
                guard bytes.count == count else { throw IOError(errnoCode: EIO, reason: "short read") }
                return bytes
            }
            let outcome = try PlaceRemoval.outcome(size: UInt64(file.size), isLate: isLate, read: readAll)
            guard case .patches(let list) = outcome else { return .impossible(isFinal: !isLate()) }
            let patches = BytePatches(list)
            // What is not remembered would be searched for with every request.
            return known.keeps(cost: 256 + patches.footprint) ? .patches(patches) : .impossible(isFinal: true)
        }
    }

    private func enter() async {
        guard running >= Self.maximumSearches else {
            running += 1
            return
        }
        // The place is handed over by whoever leaves.
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        guard !waiting.isEmpty else {
            running -= 1
            return
        }
        waiting.removeFirst().resume()
    }
}

/// An object in a store elsewhere, read from a file thread: blocks of some megabytes, of which the last few are kept.
final class RemoteFile {
    private static let blockLength: Int64 = 4 << 20
    private static let keptBlocks = 4
    /// What may be fetched of each file, besides twice its size: a search here and there fetches the same again and again.
    private static let allowance: Int64 = 64 << 20

    private let file: MediaFile
    private let objects: any StreamingObjectStore
    /// The latest used last.
    private var blocks: [(start: Int64, bytes: [UInt8])] = []
    private var fetched: Int64 = 0

    /// Whether more has been fetched than a camera's file needs.
    var isExhausted: Bool { fetched / 2 > file.size + Self.allowance / 2 }

    init(_ file: MediaFile, _ objects: any StreamingObjectStore) {
        self.file = file
        self.objects = objects
    }

    /// Up to `count` bytes from an offset; fewer at the end of the file.
    func bytes(_ offset: UInt64, _ count: Int) throws -> [UInt8] {
        var position = Int64(offset)
        let end = min(position + Int64(count), file.size)
        var bytes: [UInt8] = []
        while position < end {
            let start = position / Self.blockLength * Self.blockLength
            let block = try block(at: start)
            let part = block.dropFirst(Int(position - start)).prefix(Int(end - position))
            guard !part.isEmpty else { break }
            bytes += part
            position += Int64(part.count)
        }
        return bytes
    }

    private func block(at start: Int64) throws -> [UInt8] {
        if let index = blocks.firstIndex(where: { $0.start == start }) {
            blocks.append(blocks.remove(at: index))
        } else {
            if blocks.count == Self.keptBlocks { blocks.removeFirst() }
            fetched += Self.blockLength
            blocks.append((start, try fetch(start..<min(start + Self.blockLength, file.size))))
        }
        return blocks[blocks.count - 1].bytes
    }

    /// Waits on this thread, which is no event loop's and none of the cooperative pool.
    private func fetch(_ range: Range<Int64>) throws -> [UInt8] {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: [UInt8].self)
        let (objects, file) = (objects, file)
        promise.completeWithTask {
            let object = try await objects.read(file.objectKey, range: range)
            try file.requireSize(object.size)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(range.count)
            for try await chunk in object { bytes.append(contentsOf: chunk.readableBytesView) }
            return bytes
        }
        return try promise.futureResult.wait()
    }
}
