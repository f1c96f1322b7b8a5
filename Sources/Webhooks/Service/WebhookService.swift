import Core

/// The rules of webhooks: each belongs to one account, and is a 404 for everybody else.
struct WebhookService: Sendable {
    let configuration: WebhookConfiguration
    let database: any Database
    let managers: any SessionManagers
    let outbox: WebhookOutbox
    let clock: any WallClock
    private let webhooks = WebhookStore()
    private let deliveries = DeliveryStore()

    init(
        configuration: WebhookConfiguration, database: any Database, managers: any SessionManagers, outbox: WebhookOutbox,
        clock: any WallClock
    ) {
        self.configuration = configuration
        self.database = database
        self.managers = managers
        self.outbox = outbox
        self.clock = clock
    }

    /// What its owner decides about a webhook.
    struct Wish: Sendable {
        var name: String
        var url: String
        var events: [HookEvent]
        var sessionID: SessionID?
        var isEnabled: Bool
    }

    /// Makes a webhook with a fresh secret.
    /// - Throws: `Problem` 404 for a session that the account does not manage, 409 `too_many_webhooks`, 422.
    func create(_ wish: Wish, owner: UserID) async throws -> Webhook {
        let now = clock.now()
        let webhook = Webhook(
            id: WebhookID(at: now), ownerID: owner, sessionID: wish.sessionID, name: wish.name, url: try url(wish),
            events: Set(wish.events), secret: WebhookSecret(), state: wish.isEnabled ? .enabled : .disabled,
            createdAt: now, updatedAt: now)
        let most = configuration.perAccount
        try await database.write { tx in
            try require(wish.sessionID, of: owner, tx)
            guard try webhooks.count(of: owner, tx) < most else {
                throw Problem.conflict("too_many_webhooks", "An account has at most \(most) webhooks.")
            }
            try webhooks.insert(webhook, tx)
        }
        return webhook
    }

    /// A page of an account's webhooks, the newest first.
    func list(of owner: UserID, after cursor: Cursor?, limit: Int) async throws -> [StoredWebhook] {
        try await database.read { try webhooks.list(of: owner, after: cursor, limit: limit, $0) }
    }

    /// - Throws: `Problem` 404, 409 `webhook_unreadable`.
    func find(_ id: WebhookID, of owner: UserID) async throws -> Webhook {
        try await database.read { try find(id, of: owner, $0) }
    }

    /// The same of what may be damaged.
    /// - Throws: `Problem` 404.
    func look(_ id: WebhookID, of owner: UserID) async throws -> StoredWebhook {
        try await database.read { try look(id, of: owner, $0) }
    }

    /// Replaces all that can be decided. One that is disabled loses what it has not been told yet.
    /// - Throws: `Problem` 404, 409 `webhook_unreadable`, 422.
    func replace(_ id: WebhookID, by wish: Wish, of owner: UserID) async throws -> Webhook {
        let now = clock.now()
        let url = try url(wish)
        return try await database.write { tx in
            var webhook = try find(id, of: owner, tx)
            if wish.sessionID != webhook.sessionID { try require(wish.sessionID, of: owner, tx) }
            webhook.name = wish.name
            webhook.point(to: url)
            webhook.events = Set(wish.events)
            webhook.sessionID = wish.sessionID
            webhook.set(isEnabled: wish.isEnabled)
            webhook.updatedAt = now
            try webhooks.update(webhook, tx)
            if webhook.state != .enabled { try deliveries.cancelAll(of: id, at: now, tx) }
            return webhook
        }
    }

    /// Removes a webhook and its log, also when it is damaged.
    /// - Throws: `Problem` 404.
    func remove(_ id: WebhookID, of owner: UserID) async throws {
        try await database.write { tx in
            _ = try look(id, of: owner, tx)
            try webhooks.remove(id, tx)
            try deliveries.removeAll(of: id, tx)
        }
    }

    /// Gives a webhook a new secret; the one before it signs as well for a while.
    /// - Throws: `Problem` 404, 409 `webhook_unreadable`.
    func rotate(_ id: WebhookID, of owner: UserID) async throws -> Webhook {
        let now = clock.now()
        // The body may run again: the secret must stay the same.
        let secret = WebhookSecret()
        return try await database.write { tx in
            var webhook = try find(id, of: owner, tx)
            webhook.previousSecret = webhook.secret
            webhook.previousUntil = now + configuration.secretOverlap
            webhook.secret = secret
            webhook.updatedAt = now
            try webhooks.update(webhook, tx)
            return webhook
        }
    }

    // MARK: Messages

    /// A page of what a webhook was told, the newest first.
    /// - Throws: `Problem` 404.
    func deliveries(of id: WebhookID, owner: UserID, after cursor: Cursor?, limit: Int) async throws -> [Delivery] {
        try await database.read { tx in
            _ = try look(id, of: owner, tx)
            return try deliveries.list(of: id, after: cursor, limit: limit, tx)
        }
    }

    /// Sends a message that says nothing.
    /// - Throws: `Problem` 404, 409 `webhook_disabled` or `webhook_unreadable`, 429 `too_many_waiting`.
    func test(_ id: WebhookID, of owner: UserID) async throws -> Delivery {
        try await database.write { tx in
            let webhook = try find(id, of: owner, tx)
            try requireReady(webhook, tx)
            return try delivery(try outbox.ping(webhook, tx), of: id, tx)
        }
    }

    /// Sends a message again, under its old id.
    /// - Throws: `Problem` 404, 409 `webhook_disabled` or `webhook_unreadable`, 429 `too_many_waiting`.
    func redeliver(_ delivery: DeliveryID, of id: WebhookID, owner: UserID) async throws -> Delivery {
        let now = clock.now()
        return try await database.write { tx in
            let webhook = try find(id, of: owner, tx)
            _ = try self.delivery(delivery, of: id, tx)
            try requireReady(webhook, tx)
            try deliveries.restart(delivery, at: now, tx)
            outbox.announce(tx)
            return try self.delivery(delivery, of: id, tx)
        }
    }

    // MARK: Checks

    private func find(_ id: WebhookID, of owner: UserID, _ tx: any Transaction) throws -> Webhook {
        switch try look(id, of: owner, tx) {
        case .readable(let webhook): return webhook
        case .unreadable:
            throw Problem.conflict("webhook_unreadable", "What is stored of the webhook is damaged: delete it, and make another.")
        }
    }

    private func look(_ id: WebhookID, of owner: UserID, _ tx: any Transaction) throws -> StoredWebhook {
        guard let webhook = try webhooks.look(id, tx), webhook.ownerID == owner else { throw Problem.notFound("webhook") }
        return webhook
    }

    private func delivery(_ id: DeliveryID, of webhook: WebhookID, _ tx: any Transaction) throws -> Delivery {
        guard let delivery = try deliveries.find(id, of: webhook, tx) else { throw Problem.notFound("delivery") }
        return delivery
    }

    private func require(_ session: SessionID?, of owner: UserID, _ tx: any Transaction) throws {
        guard let session else { return }
        guard try managers.managers(of: session, transaction: tx).contains(owner) else { throw Problem.notFound("session") }
    }

    private func requireReady(_ webhook: Webhook, _ tx: any Transaction) throws {
        guard webhook.state == .enabled else {
            throw Problem.conflict("webhook_disabled", "The webhook is disabled; enable it first.")
        }
        let most = configuration.mostWaiting
        guard try deliveries.waiting(of: webhook.id, limit: most, tx) < most else {
            throw Problem(
                429, "too_many_waiting", "\(most) messages of the webhook wait already.", headers: ["Retry-After": "60"])
        }
    }

    private func url(_ wish: Wish) throws -> WebhookURL { try WebhookURL(wish.url, within: configuration.reach) }
}

extension Webhook {
    /// A new URL has no troubles yet.
    fileprivate mutating func point(to new: WebhookURL) {
        if new == url { return }
        (url, failingSince) = (new, nil)
        generation += 1
    }

    /// Whoever enables a webhook says that its troubles are over.
    fileprivate mutating func set(isEnabled: Bool) {
        if isEnabled, state != .enabled { (state, failingSince) = (.enabled, nil) }
        if !isEnabled, state == .enabled { state = .disabled }
    }
}
