import NIOCore

/// What the owner of a session is told, always on the session's event loop. The session keeps the delegate until `closed`.
public protocol EngineSessionDelegate: AnyObject {
    /// The session can be used. Called before anything else.
    func opened(_ session: EngineSession)

    /// A text message; its bytes are valid UTF-8.
    func received(text: ByteBuffer, on session: EngineSession)

    /// A binary message.
    func received(binary: ByteBuffer, on session: EngineSession)

    /// Nothing will be delivered and nothing can be sent any more. Called exactly once, as the last thing, and never from
    /// within a call to the session: an owner may close or overflow sessions while it walks over a list of them.
    func closed(_ session: EngineSession, reason: EngineCloseReason)
}
