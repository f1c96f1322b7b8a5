public import Core

extension SessionDoor: ChatSessions {
    public func isActive(_ session: SessionID, transaction: any Transaction) throws -> Bool? {
        try SessionStore().find(session, transaction).map (\.isOpenToTalk)
    }

    public func isShown(_ photo: PhotoID, in session: SessionID, transaction: any Transaction) throws -> Bool {
        guard let photo = try PhotoStore().find(photo, transaction) else { return false }
        return photo.sessionID == session && photo.shownAt != nil
    }
}
