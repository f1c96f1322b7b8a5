/// Finds what a principal holds in a session, for routes and topics of other features. Implemented by Sessions.
public protocol SessionAccess: Sendable {
    /// - Returns: `.session(id, held: [])` when there is no such session or the principal holds nothing there.
    func resource(_ principal: Principal, _ session: SessionID) async throws -> Resource

    /// The session a photo is in, in the same way; `.house` with nothing held when there is no such photo.
    func resource(_ principal: Principal, photo: PhotoID) async throws -> Resource
}
