import Core

/// What one client alone is told: written down by whoever says it, so that what is long is not written on an event loop.
struct DirectMessage: Sendable {
    let type: EventType
    /// JSON text.
    let text: String
    /// The history that the client follows from here on.
    var epoch: String?
    /// Up to where the client knows everything of it; `nil` if that is not sure before what comes next.
    var offset: Int64?

    /// - Throws: `EncodingError`.
    init(_ type: EventType, _ data: some Encodable, epoch: String? = nil, offset: Int64? = nil) throws {
        (self.type, self.epoch, self.offset) = (type, epoch, offset)
        text = try JSON.text(data)
    }
}
