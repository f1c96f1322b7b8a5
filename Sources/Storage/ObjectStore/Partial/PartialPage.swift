import Core
import Crypto
import Glibc
import NIOCore

/// The part at hand, in a scratch file: its bytes lie where they lie in the part.
///
/// The leading ones may be in segments that an earlier request has left, perhaps on another node; they are fetched into
/// their place only when the part is needed as a whole.
struct PartialPage: Sendable {
    let scratch: ScratchFile
    let file: OpenFile
    /// Leading bytes that are not here.
    let hole: Int64
    /// Of the bytes so far: taken while they are at hand, so that the part need not be read again before it is sent. `nil`
    /// when some were never here, or nobody asks for it.
    var hash: SHA256?

    /// In lower-case hex.
    var sha256: String? { hash.map { Hex.text($0.finalize()) } }

    var path: String { scratch.path }

    /// Fills the hole.
    /// - Parameter segments: of the part, in order, from its beginning.
    /// - Throws: `ObjectStoreError.missing` when one is gone.
    func fetch(_ segments: [PartialUpload.Segment], with download: S3Download) async throws {
        var offset: Int64 = 0
        for segment in segments where offset < hole {
            let opening = try await S3Reader.open(segment.key, nil, download.client)
            guard opening.size == segment.size else { throw ObjectStoreError.missing(segment.key) }
            try await download.write(opening, to: path, at: offset)
            offset += segment.size
        }
    }

    /// A stretch of it to be sent.
    func slice(_ range: Range<Int64>) -> S3Body {
        .file(FileSlice(path: path, offset: range.lowerBound, length: Int64(range.count)))
    }
}

/// A part on its way. Whoever lets go of it ends the transfer.
final class PartInFlight: Sendable {
    private let task: Task<String, any Error>

    /// - Parameter send: gives the ETag.
    init(_ send: @escaping @Sendable () async throws -> String) { task = Task { try await send() } }

    deinit { task.cancel() }

    /// The ETag. Cancelling the caller ends the transfer.
    var etag: String {
        get async throws {
            try await withTaskCancellationHandler { try await task.value } onCancel: { task.cancel() }
        }
    }
}
