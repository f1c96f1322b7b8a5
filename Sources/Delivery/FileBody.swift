import Core
import Hummingbird
import Metrics
import NIOCore
import NIOPosix

/// Sends parts of files: chunk by chunk, read on file threads, at the reader's pace.
///
/// A reader that stalls holds one open file and one chunk.
struct FileBody: Sendable {
    /// Bytes read at a time.
    static let chunk = 64 * 1024

    private let threads: NIOThreadPool
    let sent = Counter(label: "lumiere_media_bytes_sent")

    init(threads: NIOThreadPool) { self.threads = threads }

    /// A body of parts of the file, which is opened before anything is promised.
    /// - Parameter patches: what is replaced in it.
    /// - Throws: `IOError` when it is not there.
    func body(
        _ path: String, _ extent: BodyExtent, _ patches: BytePatches
    ) async throws -> (body: ResponseBody, file: OpenFile) {
        let file = try await threads.runIfActive { try OpenFile(path) }
        let body = ResponseBody(contentLength: extent.length) { writer in
            for piece in extent.pieces {
                switch piece {
                case .text(let text): try await writer.write(ByteBuffer(string: text))
                case .bytes(let range): try await send(file, range, patches, to: &writer)
                }
            }
            try await writer.finish(nil)
        }
        return (body, file)
    }

    private func send(
        _ file: OpenFile, _ range: Range<Int64>, _ patches: BytePatches, to writer: inout any ResponseBodyWriter
    ) async throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(Int64(Self.chunk), range.upperBound - offset))
            let start = offset
            let bytes = try await threads.runIfActive { try file.read(at: start, count: count).patched(patches, at: start) }
            try await writer.write(bytes)
            sent.increment(by: bytes.readableBytes)
            offset += Int64(bytes.readableBytes)
        }
    }

    /// A body of bytes at hand.
    func body(_ bytes: ByteBuffer) -> ResponseBody {
        sent.increment(by: bytes.readableBytes)
        return ResponseBody(byteBuffer: bytes)
    }

    /// The whole of a small file.
    func contents(_ path: String, size: Int) async throws -> ByteBuffer {
        try await threads.runIfActive { try OpenFile(path).read(at: 0, count: size) }
    }
}

extension ByteBuffer {
    /// With what is replaced in the file that these bytes are a part of, from `offset` on.
    func patched(_ patches: BytePatches, at offset: Int64) -> ByteBuffer {
        // What stays as it is need not be copied.
        if patches.isEmpty(in: UInt64(offset)..<UInt64(offset) + UInt64(readableBytes)) { return self }
        var buffer = self
        buffer.withUnsafeMutableReadableBytes { patches.apply(to: $0, at: UInt64(offset)) }
        return buffer
    }
}
