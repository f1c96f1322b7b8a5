import Core

/// How long files are held that may not be what they will be. Pure.
struct Patience: Sendable, Equatable {
    /// A file that ends in the middle by its own format: the camera has lost its connection, and most come back.
    var cut: Duration = .seconds(600)
    /// One of which that is only likely.
    var doubtful: Duration = .seconds(30)
    /// How soon one that is being written is looked at again; its closing tells it sooner.
    var beingWritten: Duration = .seconds(2)

    /// Whether a file last written then has been held long enough to be sent as it is.
    func isOver(_ file: FileFacts, at now: Timestamp) -> Bool {
        let age = now - file.modifiedAt
        // A clock that is ahead must not hold a file for ever.
        return age >= cut || age < .zero - cut
    }

    /// When a file is looked at again.
    /// - Parameter wholeness: `nil` while somebody writes to it.
    func next(_ wholeness: Wholeness?, _ file: FileFacts, at now: Timestamp) -> Timestamp {
        switch wholeness {
        case nil, .whole?: now + beingWritten
        case .doubtful?: max(now + .seconds(1), min(file.modifiedAt, now) + doubtful)
        case .cut?: max(now + .seconds(1), min(file.modifiedAt, now) + cut)
        }
    }

    /// Whether a doubt about a file has lasted long enough.
    func takes(_ wholeness: Wholeness, _ file: FileFacts, at now: Timestamp) -> Bool {
        switch wholeness {
        case .whole: true
        case .doubtful: now - file.modifiedAt >= doubtful || isOver(file, at: now)
        case .cut: isOver(file, at: now)
        }
    }
}
