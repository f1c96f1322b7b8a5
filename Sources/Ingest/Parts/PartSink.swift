import Core
import NIOConcurrencyHelpers
import NIOCore
import ObjectStore

/// Sends the bytes of one request to the object store, and hashes them on their way.
struct PartSink: UploadSink {
    /// Bytes gathered before they are sent on.
    static let gather = 256 << 10
    /// How long bytes wait for their part to be full before they are made safe as they are, so that a slow client whose
    /// node dies has little to send again.
    static let checkpointInterval = Duration.seconds(5)
    /// How long the store has for the bytes at hand when the reading of the body is cancelled.
    static let lastCall = Duration.milliseconds(500)

    private let upload: Upload
    private let bytes: PartBytes
    private let ports: SinkPorts
    private let recorded: NIOLockedValueBox<UploadMark>
    private var gathered = ByteBuffer()
    /// Bytes that have come.
    private var received: Int64
    /// `nil` once the store has failed: it is of no use any more, and what it holds is given back.
    private var writer: (any PartialUploadWriter)?
    private var failure: (any Error)?
    private var lastCheckpoint: ContinuousClock.Instant
    /// `nil` when the bytes before are not known here, or nobody asks for their digest.
    private var hash: PassingHash<ContentDigest>?
    /// The same as it was before the request.
    private let hashBefore: PassingHash<ContentDigest>?

    init(_ upload: Upload, _ bytes: PartBytes, _ ports: SinkPorts, now: ContinuousClock.Instant = .now) async throws {
        let recorded = NIOLockedValueBox(UploadMark(offset: upload.offset, parts: upload.parts))
        writer = try await bytes.partials.writer(of: try bytes.partial(upload), checkpoints: !ports.isProvisional) { state in
            let mark = try UploadMark(state)
            guard try await ports.record(mark) else { throw TakenOver() }
            recorded.withLockedValue { $0 = mark }
        }
        self.upload = upload
        self.bytes = bytes
        self.ports = ports
        self.recorded = recorded
        received = upload.offset
        lastCheckpoint = now
        hashBefore = upload.isPartial ? nil : bytes.digests.resume(upload, on: bytes.hashPool)
        hash = hashBefore
    }

    mutating func append(_ chunk: ByteBuffer, now: ContinuousClock.Instant) async throws {
        if gathered.capacity == 0 { gathered = ByteBufferAllocator().buffer(capacity: Self.gather) }
        gathered.writeImmutableBuffer(chunk)
        received += Int64(chunk.readableBytes)
        ports.arrived(received)
        let isDue = lastCheckpoint.duration(to: now) >= Self.checkpointInterval
        if gathered.readableBytes >= Self.gather || isDue { try await send() }
        if isDue, !ports.isProvisional { try await checkpoint(now) }
    }

    mutating func conclude() async throws -> StoredBytes {
        do { try await store() } catch { failure = failure ?? error }
        writer = nil
        if failure is TakenOver {
            await tidyUp()
            throw TakenOver()
        }
        let mark = recorded.withLockedValue { $0 }
        if let hash, hash.count == mark.offset { bytes.digests.keep(hash, of: upload) }
        // Who was told to stop is not told that the store has failed.
        return StoredBytes(mark: mark, failure: failure is CancellationError ? nil : failure)
    }

    /// To let go of the writer leaves the parts at what was recorded last, which was before the request.
    mutating func discard() async {
        writer = nil
        if let hashBefore { bytes.digests.keep(hashBefore, of: upload) }
        await tidyUp()
    }

    mutating func letGo() async {
        writer = nil
        await tidyUp()
    }

    /// Sends what is left over; the last of it becomes part of the object at once.
    private mutating func store() async throws {
        try await send()
        if received == upload.length && !upload.isOpen { _ = try await writer?.finish() } else { _ = try await writer?.confirm() }
    }

    /// Gives the writer what was gathered.
    private mutating func send() async throws {
        guard gathered.readableBytes > 0 else { return }
        let piece = gathered
        gathered = ByteBuffer()
        try await onWriter { try await $0.append(piece) }
        // Without a hash the object is read once it is whole.
        do { try await hash?.append(piece) } catch { hash = nil }
    }

    private mutating func checkpoint(_ now: ContinuousClock.Instant) async throws {
        lastCheckpoint = now
        // The end of the upload is not told apart from its middle here, and is made safe in another way.
        if received != upload.length { try await onWriter { _ = try await $0.confirm() } }
    }

    /// The writer moves into a task of its own and back: what it is doing goes on for a moment when the reading of the body
    /// is cancelled, for what has come is to be kept.
    private mutating func onWriter(
        _ body: @escaping @Sendable (inout any PartialUploadWriter) async throws -> Void
    ) async throws {
        guard let idle = writer else { return }
        writer = nil
        let sending = Task {
            var writer = idle
            try await body(&writer)
            return writer
        }
        do {
            writer = try await withTaskCancellationHandler {
                try await sending.value
            } onCancel: {
                Task {
                    try? await Task.sleep(for: Self.lastCall)
                    sending.cancel()
                }
            }
        } catch {
            failure = error
            throw error
        }
    }

    /// An upload that has ended was cleared away while this request still sent: what came afterwards goes as well.
    private func tidyUp() async {
        guard let upload = try? await bytes.ledger.store.find(upload.id), upload.photoID == nil else { return }
        guard [.terminated, .expired, .failed].contains(upload.state) else { return }
        // What stays costs room and nothing else.
        try? await bytes.partials.discard(bytes.partial(upload))
    }
}
