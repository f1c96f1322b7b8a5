import Core
import HTTPTypes
import WebServer

/// What is said about photos: messages of their sessions' chats, by the same rules.
struct CommentRoutes: Sendable {
    private static let (tag, path) = ("Chat", "/api/photos/{id}/comments")

    let service: ChatService
    let finder: ChatFinder

    var routes: [Route] { [list, comment] }

    private var list: Route {
        .json(
            .get, Self.path, .readMessages, "What was said about a photo, the newest first", tag: Self.tag, query: Route.paging,
            output: Page<MessageView>.self, noun: "photo", resource: finder.photoInPath
        ) { call in
            try await service.list(
                try call.session(), about: try call.id(of: "photo"), after: 0, before: try call.cursor()?.key ?? .max,
                limit: try call.integer("limit", in: 1...200, default: 50), for: try call.speaker())
        }
    }

    private var comment: Route {
        var route = Route(
            .post, Self.path, .sendMessage,
            "Say something about a photo that everybody may see; sent again with its `clientId` it answers 200 with what there is",
            tag: Self.tag, body: .json(CommentInput.schema), output: .json(.created, MessageView.schema), errors: MessageRoutes.saying,
            noun: "photo", resource: finder.photoInPath
        ) { call in
            let draft = try call.input(CommentInput.self).draft(about: try call.id(of: "photo"))
            let (view, isNew) = try await service.comment(draft, in: try call.session(), by: try call.speaker())
            return try .json(view, status: isNew ? .created : .ok)
        }
        route.answersKnown = true
        return route
    }
}
