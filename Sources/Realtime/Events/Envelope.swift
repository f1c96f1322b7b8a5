import Core
import NIOCore
import Sockets

/// The JSON envelope of `/ws`, encoded once for all readers as a complete WebSocket frame.
enum Envelope {
    static func frame(_ published: PublishedEvent) -> ByteBuffer {
        let event = published.event
        return frame(
            """
            {"type":"\(event.name)","topic":"\(event.topic.name)","offset":\(published.offset),\
            "timestamp":"\(published.at)","data":\(event.data)}
            """)
    }

    static func frame(_ event: EphemeralEvent) -> ByteBuffer {
        frame(
            """
            {"type":"\(event.name)","topic":"\(event.topic.name)","timestamp":"\(event.at)","data":\(event.data)}
            """)
    }

    /// The answer to a command.
    static func ack(_ id: JSONValue, _ data: JSONValue, at time: Timestamp) throws -> ByteBuffer {
        frame(try JSON.text(["type": "ack", "id": id, "data": data, "timestamp": .string(time.description)] as JSONValue))
    }

    /// An event for one connection only.
    static func direct(_ type: EventType, _ data: JSONValue, at time: Timestamp) throws -> ByteBuffer {
        frame(try JSON.text(["type": .string(type.name), "data": data, "timestamp": .string(time.description)] as JSONValue))
    }

    /// What went wrong with a command, or with a message that was none.
    static func error(_ problem: Problem, id: JSONValue?, at time: Timestamp) -> ByteBuffer {
        var data = problem.members
        data["code"] = .string(problem.code)
        data["detail"] = .string(problem.detail)
        let envelope: JSONValue = [
            "type": "error", "id": id ?? .null, "data": .object(data), "timestamp": .string(time.description),
        ]
        return frame((try? JSON.text(envelope)) ?? #"{"type":"error"}"#)
    }

    private static func frame(_ text: String) -> ByteBuffer { WebSocketFrames.text(ByteBuffer(string: text)) }
}
