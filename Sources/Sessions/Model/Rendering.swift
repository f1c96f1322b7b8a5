public import Core

/// The photos of a session being derived anew, by another recipe or once more by the same.
struct Rendering: Sendable, Equatable {
    /// How far it is.
    enum State: String, Sendable, SQLConvertible {
        /// Photos are still being put into the queue.
        case feeding
        /// All of them are.
        case working
        case over
    }

    var sessionID: SessionID
    var recipe: Recipe
    /// Those that follow the recipe already, too.
    var everything: Bool
    var state: State
    /// The photo that was looked at last; newer ones have been dealt with.
    var next: Cursor
    var total: Int
    /// Photos that were looked at.
    var fed: Int
    var done: Int
    var failed: Int
    var startedAt: Timestamp

    /// Photos whose work waits or is under way.
    var waiting: Int { fed - done - failed }
}

/// A rendering as staff sees it; the payload of `rendering_progress` too.
public struct RenderingView: WireType, Equatable {
    public var sessionId: SessionID
    /// `Recipe.hash` of what is being made.
    public var recipe: String
    public var total: Int
    public var done: Int
    public var failed: Int
    public var isOver: Bool
    public var startedAt: Timestamp

    init(_ rendering: Rendering) {
        sessionId = rendering.sessionID
        recipe = rendering.recipe.hash
        total = rendering.total
        done = rendering.done
        failed = rendering.failed
        isOver = rendering.state == .over
        startedAt = rendering.startedAt
    }

    public static let schema = Schema.object([
        .field("sessionId", .formatted(.uuid)),
        .field("recipe", .string(12...12), "Names the recipe; part of the URLs that come of it."),
        .field("total", .integer(0...Int64.max), "Photos and videos."),
        .field("done", .integer(0...Int64.max), "Of these, how many follow the recipe by now."),
        .field("failed", .integer(0...Int64.max), "Of these, how many keep what they had, as it could not be made anew."),
        .field("isOver", .boolean),
        .field("startedAt", .formatted(.dateTime)),
    ])
}
