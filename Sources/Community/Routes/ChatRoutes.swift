import Core
import HTTPTypes
import WebServer

/// The rules of sessions' chats, and who may only read.
struct ChatRoutes: Sendable {
    private static let tag = "Chat"

    let service: ChatService
    let finder: ChatFinder

    var routes: [Route] { [look, update, mutes, mute, unmute] }

    private var look: Route {
        .json(
            .get, "/api/sessions/{id}/chat", .readMessages, "The chat of a session, with what the caller has not read", tag: Self.tag,
            output: ChatView.self, noun: "session", resource: finder.sessionInPath
        ) { call in
            try await service.view(try call.id(of: "session"), for: try call.speaker())
        }
    }

    private var update: Route {
        .json(
            .put, "/api/sessions/{id}/chat", .moderateChat, "Open or close the chat, slow it down, refuse words", tag: Self.tag,
            input: ChatChange.self, output: ChatView.self, noun: "session", resource: finder.sessionInPath
        ) { input, call in
            try await service.update(try call.id(of: "session"), input, by: try call.speaker())
        }
    }

    private var mutes: Route {
        .json(
            .get, "/api/sessions/{id}/chat/mutes", .moderateChat, "Those who may only read, the latest first", tag: Self.tag,
            query: Route.paging, output: Page<MuteView>.self, noun: "session", resource: finder.sessionInPath
        ) { call in
            try await service.mutes(
                of: try call.id(of: "session"), after: try call.cursor(), limit: try call.integer("limit", in: 1...200, default: 50))
        }
    }

    private var mute: Route {
        .json(
            .put, "/api/sessions/{id}/chat/mutes/{person}", .moderateChat,
            "Let somebody read only: `user:` or `guest:` and the id of a message's author", tag: Self.tag, input: MuteInput.self,
            output: MuteView.self, errors: ["too_many_mutes": 409], noun: "session", resource: finder.sessionInPath
        ) { input, call in
            try await service.mute(call.person, in: try call.id(of: "session"), until: input.until)
        }
    }

    private var unmute: Route {
        .empty(
            .delete, "/api/sessions/{id}/chat/mutes/{person}", .moderateChat, "Let somebody speak again; who is not muted may already",
            tag: Self.tag, noun: "session", resource: finder.sessionInPath
        ) { call in
            try await service.unmute(call.person, in: try call.id(of: "session"))
        }
    }
}

extension Call {
    /// Whom the path names; `nil` for what can name nobody.
    fileprivate var person: Person? { Person(parameters["person"] ?? "") }
}
