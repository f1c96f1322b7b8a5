import Core
import NIOCore
import Testing

@testable import Realtime

@Suite("The event table")
struct EventTableTests {
    static let table = EventTable(RealtimeEvents.all)
    static let session = "01939a2e-7c1b-7d4e-9b54-0c9f5a3de001"

    @Test(
        "recognises a command by its name and by those of other clients",
        arguments: [
            #"{"type":"join_session","id":7,"data":{"sessionId":"\#(session)","accessCode":"x"}}"#,
            #"{"type":"joinRoom","id":7,"data":{"session_id":"\#(session)","access_code":"x"}}"#,
            #"{"type":"joinSession","id":7,"data":{"sessionId":"\#(session)","access_code":"x","extra":1}}"#,
        ])
    func names(text: String) throws {
        let command = try Command(ByteBuffer(string: text), table: Self.table)
        #expect(command.id == 7)
        #expect(command.kind == .join(.init(gathering: .session(SessionID(Self.session)!), accessCode: "x")))
    }

    @Test(
        "refuses what is no command, and gives back the id",
        arguments: [
            ("", nil, "bad_json"), ("[]", nil, "bad_json"), ("{\"type\":1}", nil, "bad_json"), ("{\"id\":1", nil, "bad_json"),
            (#"{"type":"new_photo","id":1}"#, 1, "unknown_type"), (#"{"type":"nonsense","id":"a"}"#, "a", "unknown_type"),
            (#"{"type":"join_session","id":2}"#, 2, "invalid_field"),
            (#"{"type":"join_session","id":2,"data":{"sessionId":"x"}}"#, 2, "invalid_field"),
            (#"{"type":"authenticate","id":3,"data":{"token":5}}"#, 3, "invalid_field"),
            (#"{"type":"ping","id":4,"data":[]}"#, 4, "invalid_field"),
        ] as [(String, JSONValue?, String)])
    func refusals(text: String, id: JSONValue?, code: String) {
        #expect {
            try Command(ByteBuffer(string: text), table: Self.table)
        } throws: { error in
            let refusal = error as? Command.Refusal
            return refusal?.id == id && refusal?.problem.code == code
        }
    }

    @Test("every event and command is described in the AsyncAPI document, for each wire that carries it")
    func document() {
        // A command and the event that tells of it may have one name.
        let twins = [
            EventType("typing", sender: .client, durability: .ephemeral, payload: .object([.field("a", .boolean)]), about: "Says."),
            EventType("typing", durability: .ephemeral, payload: .object([.field("b", .boolean)]), about: "Tells."),
        ]
        let types = RealtimeEvents.all + twins
        let document = AsyncAPIDocument.json(EventTable(types))
        for type in types {
            let (key, isEvent) = (AsyncAPIDocument.key(type), type.sender == .server)
            let envelope = document["channels"]?["ws"]?["messages"]?[key]?["payload"]
            #expect(envelope?["properties"]?["data"]?["$ref"]?.stringValue == "#/components/schemas/\(key)")
            #expect(document["components"]?["schemas"]?[key] == type.payload.json)
            for channel in ["events", "own"] { #expect((document["channels"]?[channel]?["messages"]?[key] != nil) == isEvent) }
            #expect(document["channels"]?["socketio"]?["messages"]?[key] != nil)
            let messages = ["ws", "socketio"].map { document["channels"]?[$0]?["messages"]?[key]?["examples"]?.elements.first?["payload"] }
            #expect(messages[0]?["type"] == .string(type.name) && messages[0]?["data"] == type.payload.example)
            #expect(messages[1]?.elements.prefix(2) == [.string(type.name), type.payload.example])
            #expect(throws: Never.self, "\(key)") { try type.payload.validate(type.payload.example) }
            #expect(document["operations"]?["ws.\(key)"]?["action"] == (isEvent ? "send" : "receive"))
        }
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
}
