import WebServer

extension Route {
    /// What uploads are answered that a session does not take as it is now.
    static let closedSessions = ["session_ended": 409, "session_paused": 409, "session_archived": 409, "guest_upload_off": 403]
}
