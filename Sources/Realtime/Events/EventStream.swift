import Core
import NIOCore

/// The text of server-sent events (WHATWG HTML, section 9.2).
enum EventStream {
    /// An event of a topic; `id` is what the client gives back as `Last-Event-ID`.
    /// - Parameter epoch: names the history that the offset belongs to.
    static func event(_ event: HubEvent, epoch: String) -> ByteBuffer {
        block(event.name, event.data, id: event.offset.map { "\(epoch):\($0)" })
    }

    /// An event for one client only.
    /// - Parameter data: JSON text, which has no line breaks.
    static func block(_ name: String, _ data: String, id: String? = nil) -> ByteBuffer {
        ByteBuffer(string: (id.map { "id: \($0)\n" } ?? "") + "event: \(name)\ndata: \(data)\n\n")
    }

    /// Where the client got to, and how long it should wait before it connects again.
    static let opening = ByteBuffer(string: "retry: 2000\n\n")

    /// A comment: keeps what is between us and the client from taking the connection for dead.
    static let heartbeat = ByteBuffer(string: ":\n\n")

    /// Reads a `Last-Event-ID`; `nil` for what is none of ours.
    static func place(_ id: String) -> TopicPlace? {
        guard let colon = id.lastIndex(of: ":") else { return nil }
        return TopicPlace(epoch: String(id[..<colon]), offset: Int64(id[id.index(after: colon)...]))
    }
}
