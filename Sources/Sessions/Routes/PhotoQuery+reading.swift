import Core
import WebServer

extension PhotoQuery {
    /// The query parameters that choose and order photos.
    static let parameters: [Route.Query] = [
        .init(
            "sort", .oneOf(Sort.allCases.map(\.rawValue)),
            """
            `newest` and `oldest` by when they came (newest unless said), `taken` and `latest` by when they were taken, `name`, `rating` \
            (best first), `position` (as the desk arranged them). Staff only: `name`, `rating`.
            """),
        .init("type", .oneOf(["photo", "video"]), "Only these."),
        .init("tag", .string(1...64), "With this tag."),
        .init("category", .string(1...64), "Of this category."),
        .init("from", .formatted(.dateTime), "Taken then or later."),
        .init("until", .formatted(.dateTime), "Taken earlier than that."),
        .init("featured", .boolean, "Featured ones, or all others."),
        .init("stack", .formatted(.uuid), "The photos of this stack."),
        .init("favourite", .boolean, "True for the caller's favourites alone."),
        .init("collapsed", .boolean, "Of each stack only the photo that stands for it."),
        .init("status", .oneOf(Photo.Status.allCases.map(\.rawValue)), "Staff only, as are those below."),
        .init("review", .oneOf(ReviewState.allCases.map(\.rawValue)), "By what has been decided about them."),
        .init("photographer", .formatted(.uuid), "Sent by this account."),
        .init("rating", .integer(0...5), "With at least so many stars."),
        .init("hidden", .boolean, "Kept from guests by hand, or all others."),
        .init("deleted", .boolean, "Those in the bin, in place of all others."),
    ]

    /// - Throws: `Problem` 400 `bad_query`.
    init(_ call: Call) throws {
        sort = try call.choice("sort") ?? .newest
        kind = try call.choice("type")
        status = try call.choice("status")
        review = try call.choice("review")
        tag = try call.query["tag"].map { try Call.unbroken(Curation.tag($0), "tag") }
        category = call.query["category"]
        photographer = try call.query["photographer"].map { try Call.unbroken(UserID($0), "photographer") }
        from = try call.query["from"].map { try Call.unbroken(Timestamp($0), "from") }
        until = try call.query["until"].map { try Call.unbroken(Timestamp($0), "until") }
        rating = call.query["rating"] == nil ? nil : try call.integer("rating", in: Curation.ratings, default: 0)
        isFeatured = try call.flag("featured")
        isHidden = try call.flag("hidden")
        isBinned = try call.flag("deleted") ?? false
        isCollapsed = try call.flag("collapsed") ?? false
        favouritesOf = try call.flag("favourite") == true ? Person(call.principal) : nil
        stack = try call.query["stack"].map { try Call.unbroken(PhotoID($0), "stack") }
    }
}

extension Call {
    /// A query parameter that is one of some words; `nil` when it is missing.
    /// - Throws: `Problem` 400 `bad_query`.
    func choice<Value: RawRepresentable<String>>(_ name: String) throws -> Value? {
        try query[name].map { try Self.unbroken(Value(rawValue: $0), name) }
    }

    /// A query parameter that is `true` or `false`; `nil` when it is missing.
    /// - Throws: `Problem` 400 `bad_query`.
    func flag(_ name: String) throws -> Bool? {
        try query[name].map { try Self.unbroken(["true": true, "false": false][$0], name) }
    }

    /// What a query parameter was read as.
    /// - Throws: `Problem` 400 `bad_query` when it could not be.
    static func unbroken<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw Problem.badRequest("bad_query", "\(name) has a value that it cannot have.") }
        return value
    }
}
