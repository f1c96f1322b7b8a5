import Core
import NIOConcurrencyHelpers
import NIOCore

/// What a transfer needs of the house, for one upload.
struct WriterPorts: Sendable {
    let files: UploadFiles
    /// `nil` when the file is read as a whole in the end.
    let follower: HashFollower?
    /// Writes the file through to the disk.
    let sync: @Sendable (UploadFile) async throws -> Void
    /// Throws `UploadFileError.full` when the disk's reserve is touched; asked once per checkpoint.
    let requireRoom: @Sendable () async throws -> Void
    /// Records a synced offset; false when the upload is held by somebody else now.
    let record: @Sendable (Int64) async throws -> Bool
    /// Told after each chunk how many bytes there are.
    let arrived: @Sendable (Int64) -> Void
    /// The client is told of each recorded offset: they come more often then.
    var isTold = false
}

/// Puts the chunks of one request into the upload's file: gathers small ones, writes, and now and then syncs and records
/// in the background, so that a power cut costs little of a long request.
///
/// A value: it moves into the task that reads the body, and back out of it with whatever has come.
struct UploadWriter: Sendable {
    /// Bytes gathered before they are written.
    static let gather = 256 << 10
    /// Bytes after which the disk is made to begin with them: what a sync has to wait for is then only the last of them.
    static let writebackBytes: Int64 = 4 << 20
    /// Bytes between two checkpoints.
    static let checkpointBytes: Int64 = 64 << 20
    static let checkpointInterval = Duration.seconds(1)
    /// The same where the client is told of them.
    static let toldBytes: Int64 = 4 << 20
    static let toldInterval = Duration.milliseconds(500)
    /// Bytes that may wait for a slow disk before the transfer does.
    static let maxUnsynced: Int64 = 128 << 20

    private let ports: WriterPorts
    private let file: UploadFile
    private let path: String
    private let id: UploadID
    private var pending = GatheredChunks()
    /// Bytes in the file before the request.
    private let start: Int64
    /// Bytes in the file.
    private(set) var written: Int64
    /// Bytes that the disk has been made to begin with.
    private var begun: Int64
    /// Bytes that a checkpoint, perhaps one still running, covers.
    private var covered: Int64
    private var lastCheckpoint: ContinuousClock.Instant
    private var checkpoint: Checkpoint?

    init(_ upload: Upload, file: UploadFile, ports: WriterPorts, now: ContinuousClock.Instant = .now) {
        self.id = upload.id
        self.file = file
        self.path = ports.files.path(of: upload.id)
        self.ports = ports
        self.start = upload.offset
        self.written = upload.offset
        self.begun = upload.offset
        self.covered = upload.offset
        self.lastCheckpoint = now
    }

    /// Bytes that have come, written or not.
    var received: Int64 { written + Int64(pending.count) }

    /// Takes a chunk.
    /// - Throws: `UploadFileError`, `TakenOver`; the chunk may have been taken nevertheless.
    mutating func append(_ chunk: ByteBuffer, now: ContinuousClock.Instant) async throws {
        pending.append(chunk)
        ports.arrived(received)
        let isDue = lastCheckpoint.duration(to: now) >= (ports.isTold ? Self.toldInterval : Self.checkpointInterval)
        if pending.count >= Self.gather || isDue { try await flush() }
        if written - covered >= (ports.isTold ? Self.toldBytes : Self.checkpointBytes) || isDue { try await beginCheckpoint(now) }
    }

    /// Writes what is left and syncs everything.
    /// - Returns: how far the file is safe on the disk; also when some of the last bytes could not be written.
    mutating func finish() async throws -> (synced: Int64, failure: (any Error)?) {
        let failure: (any Error)?
        do {
            try await flush()
            failure = nil
        } catch {
            failure = error
        }
        // Beside the rest of a checkpoint, whose record must not come after the caller's.
        async let rest: Void? = checkpoint?.task.value
        if written > start { try await ports.sync(file) }
        try await rest
        return (written, failure)
    }

    private mutating func flush() async throws {
        guard pending.count > 0 else { return }
        let (full, offset, file) = (pending, written, file)
        pending = GatheredChunks()
        let dirty = begun..<offset + Int64(full.count)
        let isMuch = dirty.count >= Self.writebackBytes && ports.files.durability == .strict
        try await ports.files.pool.run {
            var place = offset
            for buffer in full.buffers {
                try file.write(buffer, at: place)
                place += Int64(buffer.readableBytes)
            }
            if isMuch { file.beginWriteback(of: dirty) }
        }
        written = dirty.upperBound
        if isMuch { begun = written }
        ports.follower?.advance(id, path: path, to: written)
    }

    private mutating func beginCheckpoint(_ now: ContinuousClock.Instant) async throws {
        if let running = checkpoint {
            guard running.isDone || written - covered >= Self.maxUnsynced else { return }
            try await running.task.value
        }
        lastCheckpoint = now
        guard written > covered else { return }
        try await ports.requireRoom()
        covered = written
        checkpoint = Checkpoint(written, file, ports)
    }
}

extension UploadWriter: UploadSink {
    mutating func conclude() async throws -> StoredBytes {
        let (synced, failure) = try await finish()
        return StoredBytes(mark: UploadMark(offset: synced), failure: failure)
    }

    /// Should the file not be cut, the next holder does it: its size is not trusted since before the request.
    mutating func discard() async {
        pending = GatheredChunks()
        _ = await checkpoint?.task.result
        let (file, start) = (file, start)
        try? await ports.files.pool.run { try file.truncate(to: start) }
        written = start
        ports.follower?.cut(id, to: start)
    }

    /// What has come is left in the file: whether it counts is for the next holder to say.
    mutating func letGo() async {
        try? await flush()
        _ = await checkpoint?.task.result
    }
}

/// A sync and its record on their way.
private final class Checkpoint: Sendable {
    let task: Task<Void, any Error>
    private let done: NIOLockedValueBox<Bool>

    var isDone: Bool { done.withLockedValue { $0 } }

    init(_ offset: Int64, _ file: UploadFile, _ ports: WriterPorts) {
        let done = NIOLockedValueBox(false)
        self.done = done
        // Not a child of the reading task: what has come is recorded also when that is cancelled.
        self.task = Task {
            defer { done.withLockedValue { $0 = true } }
            try await ports.sync(file)
            guard try await ports.record(offset) else { throw TakenOver() }
        }
    }
}
