import Core
import NIOCore

/// The JSON envelope of `/ws`, as text.
enum Envelope {
    /// An event for all followers of a topic.
    static func event(_ event: HubEvent) -> ByteBuffer {
        let offset = event.offset.map { #""offset":\#($0),"# } ?? ""
        return ByteBuffer(
            string: """
                {"type":"\(event.name)","topic":"\(event.topic.name)",\(offset)"timestamp":"\(event.at)","data":\(event.data)}
                """)
    }

    /// The answer to a command.
    static func ack(_ id: JSONValue, _ data: JSONValue, at time: Timestamp) -> ByteBuffer {
        text(["type": "ack", "id": id, "data": data, "timestamp": .string(time.description)])
    }

    /// An event for one connection only.
    static func direct(_ message: DirectMessage, at time: Timestamp) -> ByteBuffer {
        ByteBuffer(string: #"{"type":"\#(message.type.name)","timestamp":"\#(time)","data":\#(message.text)}"#)
    }

    /// What went wrong with a command, or with a message that was none.
    static func error(_ problem: Problem, id: JSONValue?, at time: Timestamp) -> ByteBuffer {
        text(["type": "error", "id": id ?? .null, "data": problem.wireData, "timestamp": .string(time.description)])
    }

    private static func text(_ envelope: JSONValue) -> ByteBuffer {
        ByteBuffer(string: (try? JSON.text(envelope)) ?? #"{"type":"error"}"#)
    }
}

extension Problem {
    /// What a client is told over a wire: `code`, `detail` and the members.
    var wireData: JSONValue {
        var data = members
        data["code"] = .string(code)
        data["detail"] = .string(detail)
        return .object(data)
    }
}
