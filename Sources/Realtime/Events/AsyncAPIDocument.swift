import Core

/// The event table as an AsyncAPI 3 document: what each wire carries, and how.
enum AsyncAPIDocument {
    static func json(_ table: EventTable) -> JSONValue {
        let events = table.types.filter { $0.sender == .server }
        return [
            "asyncapi": "3.0.0",
            "info": ["title": "Lumiere realtime", "version": "1.0.0"],
            "channels": [
                "ws": [
                    "address": "/ws", "title": "JSON WebSocket", "messages": named(table.types) { message($0, envelope($0), exampleEnvelope($0)) },
                    "bindings": ["ws": ["method": "GET"]],
                ],
                "socketio": [
                    "address": "/socket.io/", "title": "Socket.IO 5, by polling and WebSocket",
                    "messages": named(table.types) { message($0, arguments($0), exampleArguments($0)) },
                ],
                "events": [
                    "address": "/api/sessions/{id}/events", "title": "Server-sent events",
                    "parameters": ["id": ["description": "The session's id."]],
                    "messages": named(events) { message($0, reference($0), $0.payload.example) }, "bindings": ["http": ["method": "GET"]],
                ],
                "own": [
                    "address": "/api/auth/events", "title": "Server-sent events of one's own account",
                    "messages": named(events) { message($0, reference($0), $0.payload.example) }, "bindings": ["http": ["method": "GET"]],
                ],
            ],
            "operations": operations([("ws", table.types), ("socketio", table.types), ("events", events), ("own", events)]),
            "components": ["schemas": named(table.types, \.payload.json)],
        ]
    }

    private static func named(_ types: [EventType], _ value: (EventType) -> JSONValue) -> JSONValue {
        .object(Dictionary(types.map { (key($0), value($0)) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Some commands have the name of the event that tells of them.
    static func key(_ type: EventType) -> String { type.sender == .client ? "command.\(type.name)" : type.name }

    private static func message(_ type: EventType, _ payload: JSONValue, _ example: JSONValue) -> JSONValue {
        [
            "name": .string(type.name),
            "summary": .string(type.about),
            "x-durable": .bool(type.durability == .durable),
            "x-aliases": .array(type.aliases.map(JSONValue.string)),
            "payload": payload,
            "examples": [["payload": example]],
        ]
    }

    /// On `/ws`, data comes within an object that says what it is.
    private static func envelope(_ type: EventType) -> JSONValue {
        var members: [String: JSONValue] = ["type": ["const": .string(type.name)], "data": reference(type)]
        if type.sender == .client {
            members["id"] = ["description": "Anything; the answer has it, too."]
        } else {
            members["topic"] = ["type": "string"]
            members["timestamp"] = ["type": "string", "format": "date-time"]
            if type.durability == .durable { members["offset"] = ["type": "integer", "minimum": 1] }
        }
        return ["type": "object", "properties": .object(members), "required": ["type", "data"]]
    }

    private static func exampleEnvelope(_ type: EventType) -> JSONValue {
        var members: [String: JSONValue] = ["type": .string(type.name), "data": type.payload.example]
        if type.sender == .client {
            members["id"] = 7
        } else {
            members["topic"] = Schema.string().example(of: "topic")
            members["timestamp"] = Schema.formatted(.dateTime).example
            if type.durability == .durable { members["offset"] = .integer(exampleOffset) }
        }
        return .object(members)
    }

    private static let exampleOffset: Int64 = 412

    /// On `/socket.io/`, the arguments of an event.
    private static func arguments(_ type: EventType) -> JSONValue {
        var items: [JSONValue] = [["const": .string(type.name)], reference(type)]
        if isRecoverable(type) {
            items.append(["type": "string", "description": "The offset, by which the client recovers."])
        }
        return ["type": "array", "prefixItems": .array(items)]
    }

    private static func exampleArguments(_ type: EventType) -> JSONValue {
        let offset: [JSONValue] = isRecoverable(type) ? [.string(String(exampleOffset))] : []
        return .array([.string(type.name), type.payload.example] + offset)
    }

    /// Whether it comes with an offset.
    private static func isRecoverable(_ type: EventType) -> Bool { type.sender == .server && type.durability == .durable }

    private static func reference(_ type: EventType) -> JSONValue { ["$ref": .string("#/components/schemas/\(key(type))")] }

    private static func operations(_ channels: [(name: String, types: [EventType])]) -> JSONValue {
        let all = channels.flatMap { channel in
            channel.types.map { type in ("\(channel.name).\(key(type))", operation(type, on: channel.name)) }
        }
        return .object(Dictionary(all, uniquingKeysWith: { first, _ in first }))
    }

    private static func operation(_ type: EventType, on channel: String) -> JSONValue {
        [
            "action": type.sender == .client ? "receive" : "send",
            "channel": ["$ref": .string("#/channels/\(channel)")],
            "messages": [["$ref": .string("#/channels/\(channel)/messages/\(key(type))")]],
        ]
    }
}
