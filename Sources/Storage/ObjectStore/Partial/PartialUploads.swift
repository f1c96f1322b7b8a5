import Core
import NIOCore

/// Objects that come in over several requests, in pieces of any size, to any node.
///
/// The caller keeps a `PartialUpload` in its database and decides there who may go on with it; the store keeps the bytes.
public protocol PartialUploads: Sendable {
    /// The row of an upload that has not begun. Nothing is sent.
    /// - Parameter length: bytes it is going to have, if that is known: long ones get larger parts.
    func partialUpload(_ key: ObjectKey, length: Int64?) -> PartialUpload

    /// Goes on with an upload from its recorded state. One writer at a time; a second one does no harm but to itself as
    /// long as `record` refuses it.
    /// - Parameters:
    ///   - checkpoints: whether to record each part that is safe; without, nothing counts before `confirm` or `finish`, as
    ///     for bytes whose checksum comes last.
    ///   - record: stores a state and throws when the caller does not hold the upload any more; never called twice at a time.
    /// - Throws: `ObjectStoreError.unavailable` when there is no room for its bytes in the scratch folder;
    ///   `.system(EINVAL, ...)` when it is finished.
    func writer(
        of upload: PartialUpload, checkpoints: Bool, record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws -> any PartialUploadWriter

    /// Makes an upload that has no bytes yet of complete ones, one after the other, if the store can do so by itself. Repeating
    /// it does no harm.
    /// - Parameters:
    ///   - parts: their objects stay.
    ///   - record: stores a state and throws when the caller does not hold the upload any more.
    /// - Returns: its last state, to be recorded and completed; `nil` when the bytes have to be read and written, from the
    ///   first one on if there are none yet: what was recorded of it is void then.
    func join(
        _ parts: [PartialUpload], into upload: PartialUpload, record: @escaping @Sendable (PartialUpload) async throws -> Void
    ) async throws -> PartialUpload?

    /// Makes the object of an upload, whose row must not change meanwhile. Repeating it does no harm.
    /// - Returns: bytes.
    /// - Throws: `ObjectStoreError.missing` when bytes that were confirmed are not there any more.
    func complete(_ upload: PartialUpload) async throws -> Int64

    /// Removes whatever there is of an upload, completed or not.
    func discard(_ upload: PartialUpload) async throws

    /// Gives back the parts of an upload alone: what lies at its key, by whomever, stays.
    /// - Throws: `ObjectStoreError`.
    func giveBack(_ upload: PartialUpload) async throws
}

/// Takes the bytes of an upload for one request. To let go of it without `confirm` or `finish` leaves the upload at the
/// state that was recorded last.
public protocol PartialUploadWriter: Sendable {
    /// Bytes that are safe, recorded or about to be.
    var confirmed: Int64 { get }
    /// Bytes that have come.
    var received: Int64 { get }

    /// Takes a chunk. Waits while the store is slower than the client.
    /// - Throws: `ObjectStoreError`, or what `record` throws; the writer is of no use then.
    mutating func append(_ chunk: ByteBuffer) async throws

    /// Makes everything safe that has come, and records it. More may follow.
    mutating func confirm() async throws -> PartialUpload

    /// The same when nothing follows any more: what is left over becomes the last part, or the object itself.
    mutating func finish() async throws -> PartialUpload
}
