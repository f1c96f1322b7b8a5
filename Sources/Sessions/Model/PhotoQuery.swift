import Core

/// Which photos of a session a list has, and in which order.
struct PhotoQuery: Sendable, Equatable {
    var sort = Sort.newest
    var status: Photo.Status?
    var review: ReviewState?
    var kind: MediaFacts.Kind?
    var tag: String?
    var category: String?
    var photographer: UserID?
    /// Taken then or later.
    var from: Timestamp?
    /// Taken earlier than that.
    var until: Timestamp?
    /// At least so many stars.
    var rating: Int?
    var isFeatured: Bool?
    var isHidden: Bool?
    /// Those in the bin, in place of all others.
    var isBinned = false
    /// Of each stack only the photo that stands for it.
    var isCollapsed = false
    /// The photos of one stack.
    var stack: PhotoID?
    /// The favourites of somebody.
    var favouritesOf: Person?

    /// Orders of lists, each with an index of its own.
    enum Sort: String, Sendable, CaseIterable {
        case newest, oldest, taken, latest, name, rating, position

        var column: SQL {
            switch self {
            case .newest, .oldest: "created_at"
            case .taken, .latest: "taken_at"
            case .name: "filename"
            case .rating: "rating"
            case .position: "position"
            }
        }

        var isDescending: Bool {
            switch self {
            case .newest, .latest, .rating: true
            case .oldest, .taken, .name, .position: false
            }
        }
    }

    /// Whether it asks for what guests are not told.
    var isForDesk: Bool {
        status != nil || review != nil || photographer != nil || rating != nil || isHidden != nil || isBinned
            || sort == .rating || sort == .name
    }
}

/// Where a page of photos ended: the place in its order, and the order.
struct PhotoCursor: Sendable, Equatable {
    let sort: PhotoQuery.Sort
    let key: SQLValue
    let id: PhotoID

    init(after photo: Photo, in sort: PhotoQuery.Sort) {
        self.sort = sort
        id = photo.id
        key =
            switch sort {
            case .newest, .oldest: photo.createdAt.sqlValue
            case .taken, .latest: photo.takenAt.sqlValue
            case .name: photo.filename.sqlValue
            case .rating: photo.curation.rating.sqlValue
            case .position: photo.curation.position.sqlValue
            }
    }

    /// - Throws: `Problem` 400 `bad_cursor`, also for one of another order.
    init(_ cursor: Cursor, in sort: PhotoQuery.Sort) throws {
        let parts = cursor.id.split(separator: "~", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == sort.rawValue, let id = PhotoID(parts[1]) else {
            throw Problem.badRequest("bad_cursor", "The cursor is not one that this list gave out.")
        }
        self.sort = sort
        self.id = id
        key = sort == .name ? .text(parts[2]) : .integer(cursor.key)
    }

    /// As clients are given it.
    var cursor: Cursor {
        switch key {
        case .integer(let number): Cursor(key: number, id: "\(sort.rawValue)~\(id)~")
        case .text(let text): Cursor(key: 0, id: "\(sort.rawValue)~\(id)~\(text)")
        default: preconditionFailure("lists are sorted by numbers and text")
        }
    }
}
