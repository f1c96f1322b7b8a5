import Core
import Glibc
import Hummingbird
import Metrics
import NIOCore
import NIOPosix
import ObjectStore
import WebServer

/// Sends parts of archives: the bytes between the files are made, the files read, each as far as the reader has come.
///
/// A reader that stalls holds one chunk and one open file, or connection to the store.
struct ArchiveBody: Sendable {
    /// Bytes that are made before they are sent: what stands before a file leaves once the file is there.
    private static let gathered = 64 << 10

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
    enum Cut: Error {
        case revoked
        /// A file that comes was hidden, thrown away or moved since.
        case withdrawn
        /// No file of the archive's.
        case unnamed
        /// The place that it tells cannot be removed any more.
        case placed
        /// The store has given less than it should.
        case short
    }

    /// A body of parts of an archive. Should a file be missing or be another than it was, or the reader's rights be taken back,
    /// it ends with its connection.
    /// - Parameters:
    ///   - channel: over which files leave without being read, if it can do that; `nil` when they must not.
    ///   - lost: hears of files that are missing.
    ///   - withdrawn: hears that the archive ended because it is not to be had any more as it was.
    func body(
        of contents: ArchiveContents, _ extent: BodyExtent, _ watch: ArchiveWatch, over channel: (any Channel)?,
        lost: @escaping @Sendable (ArchivedFile) async -> Void, withdrawn: @escaping @Sendable () async -> Void
    ) -> ResponseBody {
        ResponseBody(contentLength: extent.length) { writer in
            var watch = watch
            do {
                for piece in extent.pieces {
                    switch piece {
                    case .text(let text): try await write(ByteBuffer(string: text), to: &writer)
                    case .bytes(let range): try await send(contents, range, &watch, channel, lost, to: &writer)
                    }
                }
            } catch {
                cut.increment()
                if case Cut.withdrawn = error { await withdrawn() }
                throw error
            }
            try await writer.finish(nil)
        }
    }

    private func send(
        _ contents: ArchiveContents, _ range: Range<Int64>, _ watch: inout ArchiveWatch, _ channel: (any Channel)?,
        _ lost: (ArchivedFile) async -> Void, to writer: inout any ResponseBodyWriter
    ) async throws {
        var made = ByteBuffer()
        for piece in contents.layout.pieces(in: range) {
            switch piece {
            case .added(let bytes):
                made.writeBytes(bytes)
                if made.readableBytes >= Self.gathered { try await flush(&made, to: &writer) }
            case .file(let index, let part):
                try await watch.look(before: index)
                // Every index of a layout is one of its listing's.
                guard let file = contents.file(index) else { throw Cut.unnamed }
                do {
                    let source = try await open(file, part)
                    try await flush(&made, to: &writer)
                    try await send(source, part, &watch, channel, to: &writer)
                } catch {
                    if ArchiveLosses.isLoss(error) { await lost(file) }
                    throw error
                }
            }
        }
        try await flush(&made, to: &writer)
    }

    private func flush(_ made: inout ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        if made.readableBytes > 0 { try await write(made, to: &writer) }
        made = ByteBuffer()
    }

    private func write(_ bytes: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(bytes)
        sent.increment(by: bytes.readableBytes)
    }
}

// MARK: Files

extension ArchiveBody {
    /// Where the bytes of a file come from, once it is known to be there.
    private enum Source {
        case made([UInt8])
        case local(OpenFile, BytePatches)
        case remote(ObjectBytes, BytePatches)
    }

    private func open(_ file: ArchivedFile, _ part: Range<Int64>) async throws -> Source {
        if file.form == .missing { return .made(MissingNote.bytes) }
        let patches = try await patches(of: file)
        guard let path = objects.localPath(of: file.objectKey) else {
            let bytes = try await objects.read(file.objectKey, range: part == 0..<file.size ? nil : part)
            guard bytes.size == file.size else { throw ArchiveLosses.Changed(objectKey: file.objectKey) }
            return .remote(bytes, patches)
        }
        guard try await objects.size(of: file.objectKey) == file.size else { throw ArchiveLosses.Changed(objectKey: file.objectKey) }
        return .local(try await threads.runIfActive { try OpenFile(path) }, patches)
    }

    private func patches(of file: ArchivedFile) async throws -> BytePatches {
        guard file.isPlaceless else { return BytePatches([]) }
        guard case .patches(let patches) = try await removals.outcome(of: MediaFile(file)) else { throw Cut.placed }
        return patches
    }

    private func send(
        _ source: Source, _ part: Range<Int64>, _ watch: inout ArchiveWatch, _ channel: (any Channel)?,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        switch source {
        case .made(let bytes): try await write(ByteBuffer(bytes: bytes[Int(part.lowerBound)..<Int(part.upperBound)]), to: &writer)
        case .local(let opened, let patches): try await send(opened, part, patches, &watch, channel, to: &writer)
        case .remote(let bytes, let patches): try await send(bytes, part, patches, &watch, to: &writer)
        }
    }

    private func send(
        _ opened: OpenFile, _ part: Range<Int64>, _ patches: BytePatches, _ watch: inout ArchiveWatch, _ channel: (any Channel)?,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        var offset = part.lowerBound
        // What is replaced has to be read.
        var channel = patches.isEmpty ? channel : nil
        while offset < part.upperBound {
            if offset > part.lowerBound { try await watch.look() }
            let stride = offset..<min(offset + Int64(ArchiveWatch.stride), part.upperBound)
            if let open = channel, stride.count > FileBody.chunk {
                if try await open.send(FilePart(opened, stride, sent: sent)) {
                    offset = stride.upperBound
                    continue
                }
                channel = nil
            }
            while offset < stride.upperBound {
                let (start, count) = (offset, Int(min(Int64(FileBody.chunk), stride.upperBound - offset)))
                let bytes = try await threads.runIfActive { try opened.read(at: start, count: count).patched(patches, at: start) }
                try await write(bytes, to: &writer)
                offset += Int64(count)
            }
        }
    }

    private func send(
        _ bytes: ObjectBytes, _ part: Range<Int64>, _ patches: BytePatches, _ watch: inout ArchiveWatch,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        var (offset, looked) = (part.lowerBound, part.lowerBound)
        for try await chunk in bytes {
            guard offset + Int64(chunk.readableBytes) <= part.upperBound else { throw Cut.short }
            if offset - looked >= Int64(ArchiveWatch.stride) {
                try await watch.look()
                looked = offset
            }
            try await write(chunk.patched(patches, at: offset), to: &writer)
            offset += Int64(chunk.readableBytes)
        }
        guard offset == part.upperBound else { throw Cut.short }
    }
}
