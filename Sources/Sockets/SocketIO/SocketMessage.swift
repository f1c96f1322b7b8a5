import NIOCore

/// A packet to be sent, encoded once for any number of clients of a namespace.
public struct SocketMessage: Sendable, Equatable {
    let text: EngineFrame
    /// In order, behind the text and with nothing in between.
    let attachments: [EngineFrame]

    /// An event.
    /// - Parameters:
    ///   - attachments: what the placeholders in the arguments stand for, each for one of them.
    ///   - offset: lets clients that were given a `pid` say where they stopped. Such a client takes the last argument of every
    ///     event for an offset if it is a string: an event without one must not end with a string.
    public static func event(
        _ name: String, _ arguments: [JSONText] = [], attachments: [ByteBuffer] = [], namespace: String = "/",
        offset: String? = nil
    ) -> SocketMessage {
        event(name, arguments, attachments: attachments, namespace: namespace, offset: offset, id: nil)
    }

    static func event(
        _ name: String, _ arguments: [JSONText], attachments: [ByteBuffer], namespace: String, offset: String?, id: UInt64?
    ) -> SocketMessage {
        let elements = [JSONText(string: name)] + arguments + (offset.map { [JSONText(string: $0)] } ?? [])
        return array(attachments.isEmpty ? .event : .binaryEvent, elements, attachments, namespace, id)
    }

    static func acknowledgement(
        of id: UInt64, _ arguments: [JSONText], attachments: [ByteBuffer], namespace: String
    ) -> SocketMessage {
        array(attachments.isEmpty ? .acknowledgement : .binaryAcknowledgement, arguments, attachments, namespace, id)
    }

    static func connected(_ namespace: String, id: String, pid: String?) -> SocketMessage {
        var json = ByteBuffer(string: #"{"sid":"#)
        json.writeJSON(string: id)
        if let pid {
            json.writeString(#","pid":"#)
            json.writeJSON(string: pid)
        }
        json.writeString("}")
        return packet(.connect, namespace, json)
    }

    static func refused(_ namespace: String, message: String, data: JSONText? = nil) -> SocketMessage {
        var json = ByteBuffer(string: #"{"message":"#)
        json.writeJSON(string: message)
        if let data {
            json.writeString(#","data":"#)
            json.writeImmutableBuffer(data.bytes)
        }
        json.writeString("}")
        return packet(.connectError, namespace, json)
    }

    static func disconnected(_ namespace: String) -> SocketMessage { packet(.disconnect, namespace, ByteBuffer()) }

    private static func array(
        _ kind: SocketPacket.Kind, _ elements: [JSONText], _ attachments: [ByteBuffer], _ namespace: String, _ id: UInt64?
    ) -> SocketMessage {
        let length = elements.reduce(1) { $0 + $1.bytes.readableBytes + 1 }
        var json = ByteBufferAllocator().buffer(capacity: length)
        json.writeString("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { json.writeString(",") }
            json.writeImmutableBuffer(element.bytes)
        }
        json.writeString("]")
        return packet(kind, namespace, json, id: id, attachments: attachments)
    }

    private static func packet(
        _ kind: SocketPacket.Kind, _ namespace: String, _ json: ByteBuffer, id: UInt64? = nil, attachments: [ByteBuffer] = []
    ) -> SocketMessage {
        var text = ByteBufferAllocator().buffer(capacity: json.readableBytes + namespace.utf8.count + 24)
        text.writeInteger(kind.rawValue)
        if kind.isBinary { text.writeString("\(attachments.count)-") }
        if namespace != SocketPacket.mainNamespace { text.writeString(namespace + ",") }
        if let id { text.writeString(String(id)) }
        text.writeImmutableBuffer(json)
        return SocketMessage(text: .text(text), attachments: attachments.map(EngineFrame.binary))
    }
}

extension PreparedRun {
    /// Messages of Socket.IO that leave together over WebSockets.
    public convenience init(_ messages: [SocketMessage]) {
        self.init(messages.flatMap { [$0.text] + $0.attachments }.compactMap(\.message))
    }
}
