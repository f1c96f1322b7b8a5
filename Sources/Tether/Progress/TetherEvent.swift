import Core

/// Something that a photographer, or a script, is told.
public enum TetherEvent: Sendable, Equatable {
    /// The tether is at work.
    case began(folder: String, server: String)
    /// The server has the file; with `asDuplicate` it had the same content before.
    case sent(FileReport, asDuplicate: Bool)
    case refused(FileReport, String)
    /// The file is tried again later.
    case delayed(FileReport, String)
    /// The server cannot be reached, or cannot work.
    case trouble(String)
    /// The server asks for patience: too many uploads, or its session takes none now.
    case waiting(String)
    /// The server is there again.
    case recovered
    case folderMissing
    case folderBack
    case note(String)
    /// It is over.
    case ended(TetherEnding)
}

/// A file in an event.
public struct FileReport: Sendable, Equatable {
    public var path: String
    /// Bytes.
    public var size: Int64
    public var sha256: String?
    /// Of the upload on the server.
    public var url: String?
    /// How long it was on its way.
    public var duration: Duration?
}

/// How a tether has ended.
public struct TetherEnding: Sendable, Equatable {
    /// Files sent in this run, those that were there already among them.
    public var sent = 0
    /// Files that the server does not want, from earlier runs too.
    public var refused = 0
    /// Files still to be sent.
    public var left = 0
    /// Why nothing more is accepted, until a person changes something.
    public var stopped: String?
    /// It was asked to end before everything was sent.
    public var isInterrupted = false

    /// What a script acts on: 0 all is sent, or a watching tether was told to end; 1 files were refused or not sent;
    /// 77 the server refuses the key or the session.
    public func exitCode(once: Bool) -> Int32 {
        if stopped != nil { return 77 }
        return once && (refused > 0 || left > 0) ? 1 : 0
    }
}

/// Where a tether's progress is shown.
public protocol TetherDisplay: Sendable {
    /// Tells an event. Returns at once.
    func tell(_ event: TetherEvent)
    /// Shows how things are now; called several times a second.
    func show(_ picture: TetherPicture)
}
