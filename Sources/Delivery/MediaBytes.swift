import Core
import Glibc
import Hummingbird
import Metrics
import NIOCore
import NIOPosix
import ObjectStore

/// Where the bytes of media files come from: memory, a local file, or a store elsewhere.
struct MediaBytes: Sendable {
    /// Files up to this size are read in one go and may be kept in memory.
    static let smallFile: Int64 = 256 * 1024

    private let objects: any StreamingObjectStore
    private let files: FileBody
    private let streams: StreamBody
    private let hot: LookupCache<String, ByteBuffer>
    private let reads = SharedReads()

    /// - Parameter hotBytes: small files kept in memory, by their content.
    init(_ objects: any StreamingObjectStore, threads: NIOThreadPool, hotBytes: Int, clock: any WallClock) {
        self.objects = objects
        files = FileBody(threads: threads)
        streams = StreamBody(objects)
        hot = LookupCache(capacity: hotBytes, lifetime: nil, clock: clock)
    }

    /// Counts what was sent.
    var sent: Counter { files.sent }

    /// A body of what a reader gets, and the file that it is read from if that is a large one that lies here.
    /// - Throws: `Problem` 404 when the store does not have it, `ObjectStoreError`.
    func body(of copy: MediaCopy, _ extent: BodyExtent) async throws -> (body: ResponseBody, file: OpenFile?) {
        switch copy.content {
        case .stored: try await body(of: copy.stored, extent, BytePatches([]))
        case .patched(let patches): try await body(of: copy.stored, extent, patches)
        case .text(let bytes): (try body(bytes, extent, BytePatches([])), nil)
        }
    }

    private func body(
        of file: MediaFile, _ extent: BodyExtent, _ patches: BytePatches
    ) async throws -> (body: ResponseBody, file: OpenFile?) {
        try await found {
            if file.size <= Self.smallFile { return (try body(try await contents(of: file), extent, patches), nil) }
            if let path = objects.localPath(of: file.objectKey) { return try await files.body(path, extent, patches) }
            return (try await streams.body(file, extent, patches), nil)
        }
    }

    /// A part of a small file that is in memory; `nil` when it is not.
    func kept(_ file: MediaFile, _ range: Range<Int64>) -> ByteBuffer? {
        guard let bytes = hot.value(file.sha256) else { return nil }
        return bytes.getSlice(at: bytes.readerIndex + Int(range.lowerBound), length: range.count)
    }

    /// The whole of a small file.
    /// - Throws: as `body`.
    func small(_ file: MediaFile) async throws -> ByteBuffer { try await found { try await contents(of: file) } }

    /// For HEAD: whether a GET would find the file.
    /// - Throws: as `body`.
    func require(_ file: MediaFile) async throws {
        if hot.value(file.sha256) != nil { return }
        guard let size = try await objects.size(of: file.objectKey) else { throw MediaAccess.hidden }
        try file.requireSize(size)
    }

    /// A body of parts of bytes at hand; only those parts are changed.
    /// - Throws: `Problem` 404 when they are not as many.
    private func body(_ bytes: ByteBuffer, _ extent: BodyExtent, _ patches: BytePatches) throws -> ResponseBody {
        func part(_ range: Range<Int64>) throws -> ByteBuffer {
            guard let part = bytes.getSlice(at: bytes.readerIndex + Int(range.lowerBound), length: range.count) else {
                throw MediaAccess.hidden
            }
            return part.patched(patches, at: range.lowerBound)
        }
        if case .single(let range) = extent { return files.body(try part(range)) }
        var body = ByteBufferAllocator().buffer(capacity: extent.length)
        for piece in extent.pieces {
            switch piece {
            case .text(let text): body.writeString(text)
            case .bytes(let range): body.writeImmutableBuffer(try part(range))
            }
        }
        return files.body(body)
    }

    private func contents(of file: MediaFile) async throws -> ByteBuffer {
        if let bytes = hot.value(file.sha256) { return bytes }
        return try await reads.bytes(of: file.objectKey) {
            // Another read may have ended while this one waited for its turn.
            if let bytes = hot.value(file.sha256) { return bytes }
            let bytes = try await read(file)
            hot.store(bytes, for: file.sha256, cost: Int(file.size))
            return bytes
        }
    }

    private func read(_ file: MediaFile) async throws -> ByteBuffer {
        guard let path = objects.localPath(of: file.objectKey) else { return try await streams.contents(file) }
        return try await files.contents(path, size: Int(file.size))
    }

    /// Turns a file that is no longer there into a 404.
    func found<Value: Sendable>(_ read: () async throws -> Value) async throws -> Value {
        do { return try await read() } catch let error as IOError where error.errnoCode == ENOENT {
            throw MediaAccess.hidden
        } catch ObjectStoreError.missing {
            throw MediaAccess.hidden
        }
    }
}
