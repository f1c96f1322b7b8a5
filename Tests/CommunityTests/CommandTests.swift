import Core
import Synchronization
import Testing

@testable import Community

@Suite struct `A command over a wire` {
    private func commands(_ house: House) -> ChatCommands {
        let service = house.service()
        return ChatCommands(service: service, finder: ChatFinder(access: house.neighbours, service: service))
    }

    private func owner(_ house: House) throws -> Principal {
        let id = try #require(house.owner.person.userID)
        return .user(id, role: .photographer, device: DeviceID(id))
    }

    private func entry(_ house: House) throws -> GrantToken {
        guard case .guest(let id) = house.ann.person else { throw Problem.internalError }
        var token = House.token(house.session)
        token.grantID = id
        return token
    }

    private func say(_ house: House, _ caller: CommandCaller) async throws -> JSONValue {
        let data: JSONValue = ["sessionId": .string(house.session.description), "text": "Hello"]
        return try await commands(house).carryOut("send_message", data, for: caller)
    }

    @Test func `is carried out for whoever the connection belongs to, or else for the guest who entered on it`() async throws {
        try await House.with { house in
            let entries = [house.session: try entry(house)]
            let callers: [(Principal, [SessionID: GrantToken], String?)] = [
                (try owner(house), [:], "olga"), (try owner(house), entries, "olga"), (.anonymous, entries, "Ann"),
                (.guest(try entry(house)), [:], "Ann"),
                // Somebody who has an account, but nothing to do with the session.
                (.user(UserID(house.session), role: .member, device: DeviceID(house.session)), entries, "Ann"),
            ]
            for (principal, entries, name) in callers {
                let caller = CommandCaller(principal: principal, entries: entries, address: "")
                #expect(try await say(house, caller)["author"]?["name"]?.stringValue == name)
            }
        }
    }

    @Test func `of somebody who may not is refused as the policy says`() async throws {
        try await House.with { house in
            let elsewhere = House.token(SessionID(at: Timestamp(milliseconds: 9)))
            let key = Principal.key(
                GrantID(house.session), owner: try #require(house.owner.person.userID), role: .photographer, scopes: [.read])
            let callers: [(Principal, [SessionID: GrantToken], String)] = [
                (.anonymous, [:], "unauthorized"), (.anonymous, [elsewhere.sessionID: elsewhere], "unauthorized"),
                (.guest(elsewhere), [:], "not_found"), (key, [:], "forbidden"),
                (.user(UserID(house.session), role: .member, device: DeviceID(house.session)), [:], "not_found"),
            ]
            let said = try await house.say("Hello")
            for (principal, entries, code) in callers {
                let caller = CommandCaller(principal: principal, entries: entries, address: "")
                #expect(try await refusal { try await say(house, caller) } == code)
                let edit: JSONValue = ["messageId": .string(said.id.description), "text": "Mine"]
                for command in ["edit_message", "delete_message"] {
                    #expect(try await refusal { try await commands(house).carryOut(command, edit, for: caller) } == code, "\(command)")
                }
            }
        }
    }

    @Test func `answers with what is so then, and refuses what is none`() async throws {
        try await House.with { house in
            let caller = CommandCaller(principal: .guest(try entry(house)), entries: [:], address: "")
            let said = try await say(house, caller)
            try MessageView.schema.validate(said)
            let id = JSONValue.string(try #require(said["id"]?.stringValue))
            let edited = try await commands(house).carryOut("edit_message", ["messageId": id, "text": " Hi "], for: caller)
            #expect(edited["text"] == "Hi" && edited["editedAt"] != nil)
            let session = JSONValue.string(house.session.description)
            let read = try await commands(house).carryOut("message_read", ["sessionId": session, "sequence": 9], for: caller)
            #expect(read["sequence"] == 1 && read["unread"] == 0)
            for name in ["typing", "stop_typing"] { #expect(try await commands(house).carryOut(name, ["sessionId": session], for: caller) == [:]) }
            #expect(house.publisher.sent.map(\.name) == ["typing", "stop_typing"])
            #expect(try await commands(house).carryOut("delete_message", ["messageId": id], for: caller)["messageId"] == id)
            #expect(try await refusal { try await commands(house).carryOut("delete_message", ["messageId": id], for: caller) } == "not_found")
            #expect(try await refusal { try await commands(house).carryOut("dance", [:], for: caller) } == "unknown_type")
        }
    }

    @Test func `has one name and others that no other command has`() {
        let names = ChatCommand.allCases.flatMap { [$0.type.name] + $0.type.aliases }
        #expect(Set(names).count == names.count)
        #expect(ChatCommand.allCases.allSatisfy { $0.type.sender == .client })
        let events = CommunityEvents.all.filter { $0.sender == .server }.map(\.name)
        #expect(Set(events).count == events.count)
    }
}
