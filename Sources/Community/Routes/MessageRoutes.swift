import Core
import HTTPTypes
import WebServer

/// What is said in sessions.
struct MessageRoutes: Sendable {
    private static let tag = "Chat"
    static let floor = ["muted": 403, "grant_missing": 403, "session_ended": 409, "chat_off": 409, "too_many_requests": 429]
    /// What keeps somebody from saying something new.
    static let saying = floor.merging(
        ["slow_mode": 429, "word_refused": 422, "client_id_reused": 409, "chat_full": 409]) { first, _ in first }
    private static let reading: [Route.Query] = [
        .init("cursor", .string(0...200), "Continues a list: the `nextCursor` of the page before."),
        .init("before", .integer(1...Int64.max), "Only messages with a smaller `sequence`."),
        .init("after", .integer(0...Int64.max), "Only messages with a greater `sequence`."),
        .init("limit", .integer(1...200), "Messages per page, 50 unless said."),
    ]

    let service: ChatService
    let finder: ChatFinder

    var routes: [Route] { [list, send, edit, remove, react, unreact, read] }

    private var list: Route {
        .json(
            .get, "/api/sessions/{id}/messages", .readMessages, "What was said, the newest first", tag: Self.tag,
            query: Self.reading, output: Page<MessageView>.self, noun: "session", resource: finder.sessionInPath
        ) { call in
            let before = try call.integer("before", in: 1...Int.max, default: Int.max)
            let cursor = try call.cursor()?.key ?? Int64.max
            return try await service.list(
                try call.id(of: "session"), after: Int64(try call.integer("after", in: 0...Int.max, default: 0)),
                before: min(Int64(before), cursor), limit: try call.integer("limit", in: 1...200, default: 50),
                for: try call.speaker())
        }
    }

    private var send: Route {
        var route = Route(
            .post, "/api/sessions/{id}/messages", .sendMessage,
            "Say something; sent again with its `clientId` it answers 200 with the message that there is", tag: Self.tag,
            body: .json(MessageInput.schema), output: .json(.created, MessageView.schema), errors: Self.saying, noun: "session",
            resource: finder.sessionInPath
        ) { call in
            let draft = try call.input(MessageInput.self).draft()
            let (view, isNew) = try await service.send(draft, to: try call.id(of: "session"), by: try call.speaker())
            return try .json(view, status: isNew ? .created : .ok)
        }
        route.answersKnown = true
        return route
    }

    private var edit: Route {
        let errors = Self.floor.merging(["not_author": 403, "too_late": 403, "word_refused": 422]) { first, _ in first }
        return .json(
            .put, "/api/messages/{id}", .sendMessage, "Change one's own message, for 15 minutes", tag: Self.tag,
            input: MessageEdit.self, output: MessageView.self, errors: errors, noun: "message", resource: finder.messageInPath
        ) { input, call in
            try await service.edit(try call.message(), to: input.text, in: try call.session(), by: try call.speaker())
        }
    }

    private var remove: Route {
        .empty(
            .delete, "/api/messages/{id}", .sendMessage, "Take back one's own message, for a day; moderators remove any", tag: Self.tag,
            errors: ["not_author": 403, "too_late": 403, "too_many_requests": 429], noun: "message", resource: finder.messageInPath
        ) { call in
            try await service.delete(try call.message(), in: try call.session(), by: try call.speaker())
        }
    }

    private var react: Route { reaction(.put, "React to a message with an emoji", isAdded: true) }

    private var unreact: Route { reaction(.delete, "Take a reaction back", isAdded: false) }

    private func reaction(_ method: HTTPRequest.Method, _ summary: String, isAdded: Bool) -> Route {
        .empty(
            method, "/api/messages/{id}/reactions/{emoji}", .sendMessage, summary, tag: Self.tag,
            errors: Self.floor.merging(["too_many_reactions": 409]) { first, _ in first }, noun: "message",
            resource: finder.messageInPath
        ) { call in
            try await service.react(
                call.parameters["emoji"] ?? "", isAdded: isAdded, to: try call.message(), in: try call.session(),
                by: try call.speaker())
        }
    }

    private var read: Route {
        .json(
            .put, "/api/sessions/{id}/messages/read", .readMessages, "Note how far one has read; it never goes back", tag: Self.tag,
            input: ReadMark.self, output: ReadView.self, errors: ["too_many_requests": 429], noun: "session",
            resource: finder.sessionInPath
        ) { input, call in
            try await service.markRead(try call.id(of: "session"), through: input.sequence, by: try call.speaker())
        }
    }
}
