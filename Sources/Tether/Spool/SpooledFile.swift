import Core

/// Where a file is on its way.
enum FileState: String, Sendable, CaseIterable, SQLConvertible {
    /// To be sent, or on its way. Next: all others.
    case waiting
    /// Not whole yet by its own format. Next: `waiting` when it changes or has been held long enough.
    case held
    /// The server has confirmed that it has received all of it. Next: `waiting` when it changes.
    case sent
    /// The server does not want it. Next: `waiting` when it changes, or the photographer insists.
    case refused
    /// It vanished before it was sent. Next: `waiting` when it is back.
    case gone
}

/// A file's row in the spool: one per path.
struct SpooledFile: Sendable, Equatable {
    var id: Int64
    var path: String
    var facts: FileFacts
    var kind: FileKind
    var state: FileState
    /// Lower-case hex, once computed.
    var sha256: String?
    /// Its upload on the server, once created.
    var uploadURL: String?
    /// Bytes the server has confirmed.
    var offset: Int64
    /// How often it failed since it last got further.
    var attempts: Int
    /// Since when it has been what it is, as far as anybody looked.
    var noticedAt: Timestamp

    var name: String { FileName.last(path) }
}

/// What a spool holds.
struct SpoolTotals: Sendable, Equatable {
    var waiting = 0
    /// Bytes of these.
    var waitingBytes: Int64 = 0
    var held = 0
    var refused = 0
}
