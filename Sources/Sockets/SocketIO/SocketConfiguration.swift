import NIOCore

/// The limits and times of Socket.IO on one session. All numbers have to be above zero.
public struct SocketConfiguration: Sendable {
    /// What clients may connect to.
    public var namespaces: Set<String>
    /// How long a session may be in no namespace, from its beginning or since it left the last.
    public var connectTimeout = TimeAmount.seconds(45)
    /// Attachments of one packet.
    public var maxAttachments = 10
    /// Bytes of all attachments of one packet.
    public var maxAttachmentBytes = 1 << 20
    /// Answers awaited from a client at a time, and as many owed to it.
    public var maxAcknowledgements = 256
    /// How long an answer is awaited. One that is owed is remembered at least as long.
    public var ackTimeout = TimeAmount.seconds(10)

    /// The defaults.
    public init(namespaces: Set<String> = ["/"]) { self.namespaces = namespaces }
}
