import Core
import Crypto
import Foundation
import Glibc
import NIOCore

/// Sends the bytes of one request to S3: gathers small chunks, fills a part in the scratch folder while the ones before
/// are on their way, and keeps what is left over aside.
///
/// A value: it moves into the task that reads a body, and back out of it. It holds a few hundred KiB of memory and three
/// parts of scratch space, whatever the upload's size.
public struct S3PartialUpload: PartialUploadWriter {
    /// Bytes gathered before they are written to the scratch file.
    static let gather = 256 << 10
    /// Parts on their way at a time; another one is being filled.
    static let maxInFlight = 2

    private let store: S3ObjectStore
    private let room: ScratchBudget.Reservation
    private let record: @Sendable (PartialUpload) async throws -> Void
    private let hasCheckpoints: Bool
    /// Whether segments that became part of something larger are removed once that is recorded.
    private let removesSegments: Bool
    private var plan: PartPlan
    private var recorded: PartialUpload
    /// Whether the parts go into an upload that this request has begun.
    private var hasBegun = false
    private var gathered = ByteBuffer()
    private var page: PartialPage?
    private var inFlight: [PartInFlight] = []
    private var cleaning: Task<Void, Never>?

    init(
        _ upload: PartialUpload, store: S3ObjectStore, hasCheckpoints: Bool, removesSegments: Bool = true,
        record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws {
        guard !upload.isFinished else { throw ObjectStoreError.system(EINVAL, "the upload is finished") }
        room = try await store.scratch.budget.reserve(upload.partSize * Int64(Self.maxInFlight + 1))
        self.store = store
        self.record = record
        self.hasCheckpoints = hasCheckpoints
        self.removesSegments = removesSegments
        plan = PartPlan(upload)
        recorded = upload
    }

    public var confirmed: Int64 { plan.confirmed.offset }
    public var received: Int64 { plan.received + Int64(gathered.readableBytes) }

    public mutating func append(_ chunk: ByteBuffer) async throws {
        var chunk = chunk
        while chunk.readableBytes > 0 {
            let room = Int(plan.room) - gathered.readableBytes
            guard var piece = chunk.readSlice(length: min(chunk.readableBytes, room)) else { return }
            if gathered.readableBytes == 0, piece.readableBytes >= Self.gather {
                // As large as what is gathered: to copy it would be for nothing.
                gathered = piece
            } else {
                if gathered.capacity == 0 { gathered.reserveCapacity(Self.gather) }
                gathered.writeBuffer(&piece)
            }
            if gathered.readableBytes >= Self.gather || gathered.readableBytes == Int(plan.room) { try await spill() }
        }
    }

    public mutating func confirm() async throws -> PartialUpload {
        try await settle()
        switch plan.closing {
        case .nothing: break
        case .keep(let range): plan.kept(try await keep(range))
        case .melt(let count):
            try await fetchHole()
            plan.melted(try await keep(0..<count))
        }
        try await recordChange()
        return plan.confirmed
    }

    public mutating func finish() async throws -> PartialUpload {
        try await spill()
        switch plan.ending {
        case .nothing: try await settle()
        case .part(let number, let count):
            // Beside those that are on their way: the client waits for all of them.
            let last = try await transfer(number, count)
            try await settle()
            plan.endedPart(try await last.etag)
        case .object(let count):
            try await fetchHole()
            let page = try await pageAtHand()
            try await store.put(count == 0 ? .none : page.slice(0..<count), as: plan.confirmed.key, sha256: page.sha256)
            plan.endedObject()
        }
        try await recordChange()
        return plan.confirmed
    }
}

extension S3PartialUpload {
    /// Puts what was gathered into the scratch file, and sends the part if that fills it.
    private mutating func spill() async throws {
        guard gathered.readableBytes > 0 else { return }
        let (bytes, place, page) = (gathered, plan.filled, try await pageAtHand())
        gathered = ByteBuffer()
        let hash = try await store.threads.run {
            try page.file.write(bytes, at: place)
            var hash = page.hash
            bytes.withUnsafeReadableBytes { hash?.update(bufferPointer: $0) }
            return hash
        }
        self.page?.hash = hash
        plan.fill(Int64(bytes.readableBytes))
        if plan.isFull { try await send() }
    }

    private mutating func send() async throws {
        while inFlight.count >= Self.maxInFlight { try await confirmOldest() }
        inFlight.append(try await transfer(plan.number, plan.partSize))
        self.page = nil
        do { try plan.turnPage() } catch { throw ObjectStoreError.system(EFBIG, "too many parts") }
    }

    /// Begins to send the part at hand, which has so many bytes.
    private mutating func transfer(_ number: Int, _ count: Int64) async throws -> PartInFlight {
        let (upload, page, store) = (try await multipart(), try await pageAtHand(), store)
        let (segments, download) = (plan.stored > 0 ? plan.confirmed.segments : [], store.download)
        return PartInFlight {
            try await page.fetch(segments, with: download)
            let part = try await store.uploadPart(number, page.slice(0..<count), of: upload, sha256: page.sha256)
            // The file has to last until here.
            return withExtendedLifetime(page) { part.etag }
        }
    }

    /// Waits until everything but the part at hand is safe.
    private mutating func settle() async throws {
        try await spill()
        while !inFlight.isEmpty { try await confirmOldest() }
    }

    private mutating func confirmOldest() async throws {
        plan.confirmPart(try await inFlight[0].etag)
        inFlight.removeFirst()
        if hasCheckpoints { try await recordChange() }
    }

    private mutating func recordChange() async throws {
        guard plan.confirmed != recorded else { return }
        try await record(plan.confirmed)
        let kept = Set(plan.confirmed.segments.map(\.key))
        let superseded = recorded.segments.map(\.key).filter { !kept.contains($0) }
        recorded = plan.confirmed
        guard removesSegments, !superseded.isEmpty else { return }
        let (before, store) = (cleaning, store)
        cleaning = Task {
            await before?.value
            // What stays goes with the rest in the end.
            try? await store.remove(superseded)
        }
    }

    /// The upload in parts, begun if this is the first.
    private mutating func multipart() async throws -> MultipartUpload {
        let begun = plan.confirmed.uploadID.map { MultipartUpload(key: plan.confirmed.key, id: $0) }
        if let begun, hasBegun || !plan.confirmed.parts.isEmpty { return begun }
        // An earlier request's, of which no part counts: the server need not have it any more.
        if let begun { try await store.abandon(begun) }
        // Also when nothing else is to be recorded: whoever gives the upload up has to know.
        let upload = try await store.beginMultipart(of: plan.confirmed, record: record)
        plan.begun(upload.id)
        hasBegun = true
        recorded = plan.confirmed
        return upload
    }

    private func keep(_ range: Range<Int64>) async throws -> PartialUpload.Segment {
        guard let page else { throw ObjectStoreError.system(EINVAL, "no bytes to keep") }
        let name = "\(plan.number)-\(range.lowerBound)-\(UUID().uuidString.lowercased())"
        // The name is new, so that a node which has lost the upload cannot replace what another has recorded.
        guard let key = ObjectKey(S3ObjectStore.segments(of: plan.confirmed.key) + name) else {
            throw ObjectStoreError.system(ENAMETOOLONG, "segment")
        }
        try await store.put(page.slice(range), as: key, sha256: range.lowerBound == 0 ? page.sha256 : nil)
        return PartialUpload.Segment(key: key, size: Int64(range.count))
    }

    private mutating func pageAtHand() async throws -> PartialPage {
        if let page { return page }
        let scratch = store.scratch.file(in: room)
        let file = try await store.threads.run { try OpenFile(scratch.path, O_RDWR | O_CREAT | O_EXCL) }
        let isHashed = plan.stored == 0 && store.client.signsBodies
        let page = PartialPage(scratch: scratch, file: file, hole: plan.stored, hash: isHashed ? SHA256() : nil)
        self.page = page
        return page
    }

    /// Makes the part at hand whole.
    private mutating func fetchHole() async throws {
        let page = try await pageAtHand()
        guard page.hole > 0 else { return }
        try await page.fetch(plan.confirmed.segments, with: store.download)
        self.page = PartialPage(scratch: page.scratch, file: page.file, hole: 0)
    }
}
