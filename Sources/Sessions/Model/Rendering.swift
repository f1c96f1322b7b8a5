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

    /// Figures that the desk has been told.
    struct Told: Sendable, Equatable {
        var done = 0
        var failed = 0
    }

    var sessionID: SessionID
    var recipe: Recipe
    /// Those that follow the recipe already, too.
    var everything: Bool
    var state = State.feeding
    /// The photo that was looked at last; newer ones have been dealt with.
    var next = Cursor(key: Int64.max, id: "")
    var total: Int
    /// Photos that were looked at.
    var fed = 0
    /// Photos whose work waits or is under way.
    var waiting = 0
    var failed = 0
    var told = Told()
    var startedAt: Timestamp

    init(sessionID: SessionID, recipe: Recipe, everything: Bool, total: Int, startedAt: Timestamp) {
        self.sessionID = sessionID
        self.recipe = recipe
        self.everything = everything
        self.total = total
        self.startedAt = startedAt
    }

    var done: Int { max(0, fed - waiting - failed) }
    var isOver: Bool { state != .feeding && waiting == 0 }
    /// Whether the desk does not know yet.
    var isNews: Bool { told != Told(done: done, failed: failed) || (isOver && state != .over) }

    /// Brings everything in line with what was counted.
    mutating func settle() {
        // Photos come and fail while others are looked at: in the end those count that were.
        total = state == .feeding ? max(total, fed) : fed
        if isOver { state = .over }
        told = Told(done: done, failed: failed)
    }
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
        isOver = rendering.isOver
        startedAt = rendering.startedAt
    }

    public static let schema = Schema.object([
        .field("sessionId", .formatted(.uuid)),
        .field("recipe", .string(12...12), "Names the recipe; part of the URLs that come of it."),
        .field("total", .integer(0...Int64.max), "Photos and videos."),
        .field("done", .integer(0...Int64.max), "Of these, how many follow the recipe by now."),
        .field(
            "failed", .integer(0...Int64.max),
            "Of these, how many could not be made: they keep what they had, or have failed if they had nothing."
        ),
        .field("isOver", .boolean),
        .field("startedAt", .formatted(.dateTime)),
    ])
}
