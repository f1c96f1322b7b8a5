import Core
import Glibc
import Hummingbird
import Metrics
import NIOCore
import NIOPosix
import ObjectStore

/// Sends parts of archives: the bytes between the files are made, the files read, each as far as the reader has come.
///
/// A reader that stalls holds one chunk and one open file, or connection to the store.
struct ArchiveBody: Sendable {
    let objects: any StreamingObjectStore
    let threads: NIOThreadPool
    let removals: PlaceRemovals
    private let sent = Counter(label: "lumiere_media_bytes_sent")
    private let cut = Counter(label: "lumiere_media_bodies_cut")

    init(_ objects: any StreamingObjectStore, threads: NIOThreadPool, removals: PlaceRemovals) {
        self.objects = objects
        self.threads = threads
        self.removals = removals
    }

    /// The end of an archive before its time: what has been sent must not look whole.
    enum Cut: Error { case revoked, unnamed, changed(ObjectKey) }

    /// A body of parts of an archive. Should a file be missing or be another than it was, or the reader's grant be taken
    /// back, it ends with its connection.
    /// - Parameter isRevoked: asked before each file.
    func body(
        of contents: ArchiveContents, _ extent: BodyExtent, isRevoked: @escaping @Sendable () -> Bool
    ) -> ResponseBody {
        ResponseBody(contentLength: extent.length) { writer in
            do {
                for piece in extent.pieces {
                    switch piece {
                    case .text(let text): try await write(ByteBuffer(string: text), to: &writer)
                    case .bytes(let range): try await send(contents, range, isRevoked, to: &writer)
                    }
                }
            } catch {
                cut.increment()
                throw error
            }
            try await writer.finish(nil)
        }
    }

    private func send(
        _ contents: ArchiveContents, _ range: Range<Int64>, _ isRevoked: () -> Bool, to writer: inout any ResponseBodyWriter
    ) async throws {
        for piece in contents.layout.pieces(in: range) {
            switch piece {
            case .added(let bytes): try await write(ByteBuffer(bytes: bytes), to: &writer)
            case .file(let index, let part):
                if isRevoked() { throw Cut.revoked }
                // Every index of a layout is one of its listing's.
                guard let file = contents.file(index) else { throw Cut.unnamed }
                try await send(file, part, to: &writer)
            }
        }
    }

    private func send(_ file: ArchivedFile, _ part: Range<Int64>, to writer: inout any ResponseBodyWriter) async throws {
        let patches = try await patches(of: file)
        guard let path = objects.localPath(of: file.objectKey) else { return try await stream(file, part, patches, to: &writer) }
        guard try await objects.size(of: file.objectKey) == file.size else { throw Cut.changed(file.objectKey) }
        let opened = try await threads.runIfActive { try OpenFile(path) }
        var offset = part.lowerBound
        while offset < part.upperBound {
            let (start, count) = (offset, Int(min(Int64(FileBody.chunk), part.upperBound - offset)))
            let bytes = try await threads.runIfActive { try opened.read(at: start, count: count).patched(patches, at: start) }
            try await write(bytes, to: &writer)
            offset += Int64(count)
        }
    }

    private func stream(
        _ file: ArchivedFile, _ part: Range<Int64>, _ patches: BytePatches, to writer: inout any ResponseBodyWriter
    ) async throws {
        let isWhole = part == 0..<file.size
        let bytes = try await objects.read(file.objectKey, range: isWhole ? nil : part)
        guard bytes.size == file.size else { throw Cut.changed(file.objectKey) }
        var offset = part.lowerBound
        for try await chunk in bytes {
            guard offset + Int64(chunk.readableBytes) <= part.upperBound else { throw Cut.changed(file.objectKey) }
            try await write(chunk.patched(patches, at: offset), to: &writer)
            offset += Int64(chunk.readableBytes)
        }
        guard offset == part.upperBound else { throw Cut.changed(file.objectKey) }
    }

    private func patches(of file: ArchivedFile) async throws -> BytePatches {
        guard file.isPlaceless else { return BytePatches([]) }
        guard case .patches(let patches) = try await removals.outcome(of: MediaFile(file)) else { throw Cut.changed(file.objectKey) }
        return patches
    }

    private func write(_ bytes: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(bytes)
        sent.increment(by: bytes.readableBytes)
    }
}
