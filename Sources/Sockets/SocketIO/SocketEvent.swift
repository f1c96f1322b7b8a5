import NIOCore

/// An event from a client.
public struct SocketEvent: Sendable, Equatable {
    /// `/` or the like.
    public var namespace: String
    public var name: String
    public var arguments: [JSONText]
    /// What the arguments' placeholders stand for, each for one of them.
    public var attachments: [ByteBuffer] = []
    /// `nil`: the client wants no acknowledgement.
    public var ackID: UInt64?
}

/// A client's answer to an event.
public struct SocketAcknowledgement: Sendable, Equatable {
    public var arguments: [JSONText]
    /// What the arguments' placeholders stand for, each for one of them.
    public var attachments: [ByteBuffer] = []
}

/// Why an event stays without an answer.
public enum SocketAckFailure: Error, Equatable {
    /// None came in time.
    case timedOut
    /// The client left.
    case disconnected
    /// As many answers are awaited already as may be, or the client is not in the namespace; the event was not sent.
    case refused
}

/// What a client that comes back knows of its last connection.
public struct SocketRecovery: Sendable, Equatable {
    /// The private identifier that it was given.
    public var pid: String
    /// The offset of the last event that it got.
    public var offset: String

    /// Reads them out of what a client sends with its wish to connect; `nil` if they are not there.
    public init?(auth: JSONText?) {
        guard let auth, let pid = auth.member("pid")?.stringValue, let offset = auth.member("offset")?.stringValue else {
            return nil
        }
        self.pid = pid
        self.offset = offset
    }
}

/// Why a client is in a namespace no more.
public enum SocketLeaveReason: Sendable, Equatable {
    /// It said so.
    case client
    /// We said so.
    case server
    /// Its session ended.
    case closed(EngineCloseReason)
}
