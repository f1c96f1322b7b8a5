import Core

/// What a webhook can be told of.
enum HookEvent: String, Sendable, Codable, CaseIterable {
    /// All bytes of a file have come.
    case uploadCompleted = "upload.completed"
    /// All renditions of a photo or video are there.
    case photoReady = "photo.ready"
    /// A file could not be made into a photo or video.
    case photoFailed = "photo.failed"

    /// The type of the message that only `POST /api/webhooks/{id}/test` sends.
    static let ping = "ping"
}
