import Core
import NIOCore

/// Where the bytes of uploads lie until they are handed over: files on a disk, or parts in an object store.
///
/// What is common to all of them is elsewhere: the protocol, who holds an upload in this process, and its row.
protocol UploadBytes: Sendable {
    /// Goes into the row of a new upload: names the boot of the operating system that writes.
    var bootID: String { get }

    /// - Throws: `Problem` 507 when that many more bytes have no room.
    func requireSpace(for bytes: Int64) async throws

    /// Makes a place for the bytes of an upload that has just been recorded.
    func begin(_ upload: Upload) async throws -> any OpenUpload

    /// Takes a receiving upload over from whoever held it, on whichever node, and makes sure of its offset.
    /// - Returns: the row as it is now, and where bytes go, unless the upload takes none any more.
    /// - Throws: `BytesLost`; `Problem` 410, 423.
    func take(_ upload: Upload) async throws -> (Upload, (any OpenUpload)?)

    /// Whether a receiving upload has all its bytes, though its row does not say so.
    func seemsWhole(_ upload: Upload) async throws -> Bool

    /// Makes the bytes of whole partial uploads, one after the other, those of a final upload, whose length is known. Goes on
    /// where it was recorded last; repeating it does no harm.
    /// - Parameter record: throws when the final upload takes none any more.
    /// - Throws: `UploadFileError.missing` or `ObjectStoreError.missing` when bytes that were confirmed are not there.
    func join(
        _ parts: [Upload], into final: Upload, record: @escaping @Sendable (UploadMark) async throws -> Void
    ) async throws -> UploadMark

    /// Makes a whole upload's object, unless its bytes are not what is expected. Repeating it does no harm.
    /// - Returns: what the bytes are; `nil` when they are certainly gone.
    /// - Throws: `UploadFileError`, `ObjectStoreError`.
    func deliver(_ upload: Upload, if isExpected: @Sendable (ContentDigest) -> Bool) async throws -> ContentDigest?

    /// Stores the object of a whole upload under another key too, in the place of one with the same bytes that the store has
    /// lost. Repeating it does no harm.
    func restore(_ upload: Upload, as key: ObjectKey) async throws

    /// Removes what an ended upload owes. Repeating it does no harm.
    func remove(_ upload: Upload) async throws

    /// Drops what is remembered of an ended upload.
    func forget(_ id: UploadID)

    /// Ends the threads, once nobody sends bytes any more.
    func stop() async
}

/// A place for the bytes of one upload, held by one request.
protocol OpenUpload: Sendable {
    /// What takes the request's bytes.
    func sink(for upload: Upload, _ ports: SinkPorts) async throws -> any UploadSink
}

/// Takes the bytes of one request. A value: it moves into the task that reads the body, and back out of it.
protocol UploadSink: Sendable {
    /// Takes a chunk; waits while the store is slower than the client.
    mutating func append(_ chunk: ByteBuffer, now: ContinuousClock.Instant) async throws

    /// Makes safe what has come.
    /// - Throws: `TakenOver`, or why nothing of it can be relied on.
    mutating func conclude() async throws -> StoredBytes

    /// Takes back what has come; only a provisional sink can.
    mutating func discard() async

    /// The upload is another node's: nothing can be recorded any more.
    mutating func letGo() async
}

/// How far the bytes of an upload are safe, as its row says it.
struct UploadMark: Sendable, Equatable {
    var offset: Int64
    /// The state of the upload in parts, see `Upload.parts`.
    var parts = ""
}

/// What a request has left in the store.
struct StoredBytes: Sendable {
    var mark: UploadMark
    /// Why not everything that came is among it.
    var failure: (any Error)?
}

/// What a sink needs of the house, for one upload.
struct SinkPorts: Sendable {
    /// Records bytes that are safe; false when the upload is held by somebody else now.
    let record: @Sendable (UploadMark) async throws -> Bool
    /// Told after each chunk how many bytes there are.
    let arrived: @Sendable (Int64) -> Void
    /// Nothing may be recorded, nor count after a crash, before the end of the request says that the bytes are good.
    var isProvisional = false
    /// The client is told of each recorded mark: they come more often then.
    var isTold = false
}

/// Somebody else holds the upload.
struct TakenOver: Error {}

/// Bytes that were confirmed are not there.
struct BytesLost: Error {
    /// Why an upload has failed then.
    static let code = "bytes_lost"

    /// As whoever has found that out holds it.
    let upload: Upload
}

/// The bytes were received by a process with another kind of store, and are still there.
struct KeptElsewhere: Error, CustomStringConvertible {
    let id: UploadID
    var description: String { "upload \(id) began in another store than the configured one" }
}
