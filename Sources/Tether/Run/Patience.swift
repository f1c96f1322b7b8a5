import Core

/// How long files are held that may not be what they will be. Pure.
struct Patience: Sendable, Equatable {
    /// A file that ends in the middle by its own format: the camera has lost its connection, and most come back.
    var cut: Duration = .seconds(600)
    /// One of which that is only likely.
    var doubtful: Duration = .seconds(30)
    /// One that somebody has open and does not write to: who forgets to close a file does not keep it for ever.
    var open: Duration = .seconds(600)
    /// One whose writers cannot be seen: on shares, over FUSE, or because it is another account's.
    var unseen: Duration = .seconds(5)
    /// How soon one that is being written is looked at again; its closing tells it sooner.
    var beingWritten: Duration = .seconds(2)

    /// Whether a doubt about a file has lasted long enough, or is none.
    func takes(_ doubt: Doubt, _ file: SpooledFile, at now: Timestamp) -> Bool {
        let age = now - file.facts.modifiedAt
        switch doubt {
        case .writers(.nobody), .wholeness(.whole): return true
        case .writers(.unseen): return has(file, rested: unseen, at: now)
        case .writers(.somebody): return has(file, rested: open, at: now)
        case .wholeness(.doubtful): return age >= doubtful || isOver(age)
        case .wholeness(.cut): return isOver(age)
        case .twin: return false
        }
    }

    /// When a file is looked at again.
    func next(_ doubt: Doubt, _ file: SpooledFile, at now: Timestamp) -> Timestamp {
        let modified = min(file.facts.modifiedAt, now)
        switch doubt {
        case .writers(.unseen) where file.noticedAt <= now: return max(now + .seconds(1), file.noticedAt + unseen)
        case .writers, .wholeness(.whole), .twin: return now + beingWritten
        case .wholeness(.doubtful): return max(now + .seconds(1), modified + doubtful)
        case .wholeness(.cut): return max(now + .seconds(1), modified + cut)
        }
    }

    /// A clock that is ahead must not hold a file for ever.
    private func isOver(_ age: Duration) -> Bool { age >= cut || age < .zero - cut }

    /// Whether a file has stayed the same for that long by our own clock, which may have been set meanwhile.
    private func has(_ file: SpooledFile, rested limit: Duration, at now: Timestamp) -> Bool {
        let rest = now - file.noticedAt
        return rest >= limit || rest < .zero - limit
    }
}
