import Core
import HTTPTypes
import WebServer

/// Webhooks and their logs.
struct WebhookRoutes: Sendable {
    private static let tag = "Webhooks"
    /// Of what needs a webhook that is not damaged.
    private static let unreadable = ["webhook_unreadable": 409]
    private static let sending = ["webhook_disabled": 409, "webhook_unreadable": 409, "too_many_waiting": 429]

    let service: WebhookService

    init(_ service: WebhookService) { self.service = service }

    var routes: [Route] { [create, list, read, replace, remove, rotate, test, deliveries, redeliver] }

    private var create: Route {
        .json(
            .post, "/api/webhooks", .configureWebhook, "Make a webhook; its secret is shown only now", tag: Self.tag,
            input: WebhookInput.self, output: NewSecretView.self, status: .created, errors: ["not_found": 404, "too_many_webhooks": 409]
        ) { input, call in
            NewSecretView(try await service.create(input.wish, owner: try call.account()))
        }
    }

    private var list: Route {
        .json(
            .get, "/api/webhooks", .listWebhooks, "One's own webhooks, the newest first", tag: Self.tag,
            query: Route.paging, output: Page<WebhookView>.self
        ) { call in
            let limit = try call.integer("limit", in: 1...200, default: 50)
            let found = try await service.list(of: try call.account(), after: try call.cursor(), limit: limit + 1)
            return Page(found.map(WebhookView.init), limit: limit) {
                Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
            }
        }
    }

    private var read: Route {
        .json(
            .get, "/api/webhooks/{id}", .listWebhooks, "One webhook", tag: Self.tag, output: WebhookView.self,
            noun: "webhook"
        ) { call in
            WebhookView(try await service.look(try call.webhook(), of: try call.account()))
        }
    }

    private var replace: Route {
        .json(
            .put, "/api/webhooks/{id}", .configureWebhook, "Change a webhook; what is left out falls back to its default",
            tag: Self.tag, input: WebhookInput.self, output: WebhookView.self, errors: Self.unreadable, noun: "webhook"
        ) { input, call in
            WebhookView(try await service.replace(try call.webhook(), by: input.wish, of: try call.account()))
        }
    }

    private var remove: Route {
        .empty(
            .delete, "/api/webhooks/{id}", .manageWebhooks, "Remove a webhook and its log", tag: Self.tag, noun: "webhook"
        ) { call in
            try await service.remove(try call.webhook(), of: try call.account())
        }
    }

    private var rotate: Route {
        .json(
            .post, "/api/webhooks/{id}/secret", .configureWebhook,
            "Make a new secret, shown only now; the old one signs as well for a day", tag: Self.tag,
            output: NewSecretView.self, errors: Self.unreadable, noun: "webhook"
        ) { call in
            NewSecretView(try await service.rotate(try call.webhook(), of: try call.account()))
        }
    }

    private var test: Route {
        .json(
            .post, "/api/webhooks/{id}/test", .manageWebhooks, "Send a `ping`", tag: Self.tag, output: DeliveryView.self,
            status: .accepted, errors: Self.sending, noun: "webhook"
        ) { call in
            DeliveryView(try await service.test(try call.webhook(), of: try call.account()))
        }
    }

    private var deliveries: Route {
        .json(
            .get, "/api/webhooks/{id}/deliveries", .listWebhooks, "What a webhook was told, the newest first",
            tag: Self.tag, query: Route.paging, output: Page<DeliveryView>.self, noun: "webhook"
        ) { call in
            let limit = try call.integer("limit", in: 1...200, default: 50)
            let found = try await service.deliveries(
                of: try call.webhook(), owner: try call.account(), after: try call.cursor(), limit: limit + 1)
            return Page(found.map(DeliveryView.init), limit: limit) {
                Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
            }
        }
    }

    private var redeliver: Route {
        .json(
            .post, "/api/webhooks/{id}/deliveries/{deliveryId}/redeliver", .manageWebhooks,
            "Send a message again, under its old id", tag: Self.tag, output: DeliveryView.self, status: .accepted,
            errors: Self.sending, noun: "delivery"
        ) { call in
            let delivery: DeliveryID = try call.id("deliveryId", of: "delivery")
            return DeliveryView(
                try await service.redeliver(delivery, of: try call.webhook(), owner: try call.account()))
        }
    }
}

extension Call {
    /// The account that asks. The policy has let no other principal through.
    fileprivate func account() throws -> UserID {
        guard let id = principal.userID else { throw Problem.unauthorized() }
        return id
    }

    fileprivate func webhook() throws -> WebhookID { try id(of: "webhook") }
}
