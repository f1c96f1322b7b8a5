import Core
import Glibc
import Hummingbird
import Metrics
import NIOCore
import ObjectStore

/// Sends objects that are no local files: each chunk is asked of the store when the one before it has been taken.
///
/// A reader that stalls holds one chunk and one connection to the store.
struct StreamBody: Sendable {
    private let objects: any StreamingObjectStore
    private let sent = Counter(label: "lumiere_media_bytes_sent")
    private let cut = Counter(label: "lumiere_media_bodies_cut")

    init(_ objects: any StreamingObjectStore) { self.objects = objects }

    /// A body of parts of the object, the first of which is opened before anything is promised, and each other when it is
    /// due. Should the store fail later, the answer ends with its connection: it must not look whole.
    /// - Parameter patches: what is replaced in it.
    /// - Throws: `ObjectStoreError`.
    func body(_ file: MediaFile, _ extent: BodyExtent, _ patches: BytePatches) async throws -> ResponseBody {
        let first = try await open(file, extent.first)
        return ResponseBody(contentLength: extent.length) { writer in
            do {
                var opened: ObjectBytes? = first
                for piece in extent.pieces {
                    switch piece {
                    case .text(let text): try await writer.write(ByteBuffer(string: text))
                    case .bytes(let range):
                        let bytes = if let opened { opened } else { try await open(file, range) }
                        opened = nil
                        try await send(bytes, of: file, range, patches, to: &writer)
                    }
                }
            } catch let error as ObjectStoreError {
                cut.increment()
                throw error
            }
            try await writer.finish(nil)
        }
    }

    private func open(_ file: MediaFile, _ range: Range<Int64>) async throws -> ObjectBytes {
        let bytes = try await objects.read(file.objectKey, range: range == 0..<file.size ? nil : range)
        try file.requireSize(bytes.size)
        return bytes
    }

    private func send(
        _ bytes: ObjectBytes, of file: MediaFile, _ range: Range<Int64>, _ patches: BytePatches, to writer: inout any ResponseBodyWriter
    ) async throws {
        var rest = range.count
        for try await chunk in bytes {
            try await writer.write(chunk.patched(patches, at: range.upperBound - Int64(rest)))
            sent.increment(by: chunk.readableBytes)
            rest -= chunk.readableBytes
        }
        guard rest == 0 else { throw ObjectStoreError.system(EIO, "GET \(file.objectKey): short") }
    }

    /// The whole of a small object.
    /// - Throws: `ObjectStoreError`.
    func contents(_ file: MediaFile) async throws -> ByteBuffer {
        let bytes = try await objects.read(file.objectKey, range: nil)
        try file.requireSize(bytes.size)
        var contents = ByteBufferAllocator().buffer(capacity: Int(file.size))
        for try await var chunk in bytes { contents.writeBuffer(&chunk) }
        try file.requireSize(Int64(contents.readableBytes))
        return contents
    }
}

extension MediaFile {
    /// The headers speak of the size that the catalogue knows; an object of another is not what they promise.
    /// - Throws: `ObjectStoreError.system(EIO, ...)`.
    func requireSize(_ stored: Int64) throws {
        guard stored == size else { throw ObjectStoreError.system(EIO, "\(objectKey) has \(stored) bytes, not \(size)") }
    }
}
