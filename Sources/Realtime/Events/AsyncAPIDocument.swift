import Core

/// The event table as an AsyncAPI 3 document.
enum AsyncAPIDocument {
    static func json(_ table: EventTable) -> JSONValue {
        let messages = table.types.map { ($0.name, message($0)) }
        return [
            "asyncapi": "3.0.0",
            "info": ["title": "Lumiere realtime", "version": "1.0.0"],
            "channels": [
                "ws": ["address": "/ws", "messages": .object(Dictionary(messages, uniquingKeysWith: { first, _ in first }))]
            ],
            "operations": .object(
                Dictionary(table.types.map { ($0.name, operation($0)) }, uniquingKeysWith: { first, _ in first })),
        ]
    }

    private static func message(_ type: EventType) -> JSONValue {
        let envelope: [String: JSONValue] = ["type": ["const": .string(type.name)], "data": type.payload.json]
        return [
            "name": .string(type.name),
            "summary": .string(type.about),
            "x-durable": .bool(type.durability == .durable),
            "x-aliases": .array(type.aliases.map(JSONValue.string)),
            "payload": ["type": "object", "properties": .object(envelope), "required": ["type", "data"]],
        ]
    }

    private static func operation(_ type: EventType) -> JSONValue {
        [
            "action": type.sender == .client ? "receive" : "send",
            "channel": ["$ref": "#/channels/ws"],
            "messages": [["$ref": .string("#/channels/ws/messages/\(type.name)")]],
        ]
    }
}
