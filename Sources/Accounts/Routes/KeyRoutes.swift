import Core
import HTTPTypes
import WebServer

/// API keys.
struct KeyRoutes: Sendable {
    private static let tag = "API keys"

    let keys: KeyService

    var routes: [Route] { [create, list, revoke] }

    /// For people on their devices only: a stolen key could make itself successors that outlive its revocation.
    private var create: Route {
        .json(
            .post, "/api/keys", .createKey, "Make a key; its text is shown only now", tag: Self.tag,
            input: KeyInput.self, output: NewKeyView.self, status: .created,
            errors: ["too_many_keys": 409]
        ) { input, call in
            NewKeyView(
                try await keys.create(
                    input.name, scopes: Set(input.scopes), expiresAt: input.expiresAt, owner: try call.person().user))
        }
    }

    private var list: Route {
        .json(
            .get, "/api/keys", .listKeys, "One's own keys, the newest first", tag: Self.tag, query: Route.paging,
            output: Page<KeyView>.self
        ) { call in
            let limit = try call.integer("limit", in: 1...200, default: 50)
            let keys = try await keys.list(of: try call.account(), after: try call.cursor(), limit: limit)
            return Page(keys.map(KeyView.init), limit: limit) {
                Cursor(key: $0.createdAt.milliseconds, id: $0.id.description)
            }
        }
    }

    private var revoke: Route {
        .empty(.delete, "/api/keys/{id}", .manageKeys, "Revoke a key", tag: Self.tag, noun: "key") { call in
            try await keys.revoke(try call.id(of: "key"), of: try call.account())
        }
    }
}

struct KeyInput: WireType {
    let name: String
    let scopes: [Scope]
    let expiresAt: Timestamp?

    static let schema: Schema = .object([
        .field("name", .string(1...100)), .field("scopes", .array(of: scope, count: 1...Scope.allCases.count)),
        .optional("expiresAt", .formatted(.dateTime)),
    ])

    static let scope: Schema = .oneOf(Scope.allCases.map(\.rawValue))
}

struct KeyView: WireType {
    let id: GrantID
    let name: String
    let scopes: [Scope]
    let createdAt: Timestamp
    let expiresAt: Timestamp?
    let lastUsedAt: Timestamp?

    init(_ key: APIKey) {
        self.id = key.grant.id
        self.name = key.grant.name
        self.scopes = Scope.allCases.filter(key.grant.scopes.contains)
        self.createdAt = key.grant.createdAt
        self.expiresAt = key.grant.expiresAt
        self.lastUsedAt = key.lastUsedAt
    }

    static let fields: [Schema.Field] = [
        .field("id", .formatted(.uuid)), .field("name", .string(1...100)),
        .field("scopes", .array(of: KeyInput.scope)), .field("createdAt", .formatted(.dateTime)),
        .optional("expiresAt", .formatted(.dateTime)), .optional("lastUsedAt", .formatted(.dateTime), "To the minute."),
    ]

    static let schema: Schema = .object(fields)
}

struct NewKeyView: WireType {
    let id: GrantID
    let name: String
    let scopes: [Scope]
    let createdAt: Timestamp
    let expiresAt: Timestamp?
    let key: String

    init(_ new: NewAPIKey) {
        let view = KeyView(APIKey(grant: new.grant))
        self.id = view.id
        self.name = view.name
        self.scopes = view.scopes
        self.createdAt = view.createdAt
        self.expiresAt = view.expiresAt
        self.key = new.key.reveal
    }

    static let schema: Schema = .object(
        KeyView.fields.filter { $0.name != "lastUsedAt" }
            + [.field("key", .string(), "Sent as `Authorization: Bearer`; cannot be shown again.")])
}
