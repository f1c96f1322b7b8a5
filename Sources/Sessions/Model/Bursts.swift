import Core

/// Finds photos of one moment: taken in quick succession, and alike.
struct Bursts {
    /// Photos that follow each other later than that are of different moments.
    var window: Duration
    /// A burst longer than this is several.
    static let maximum = 200

    /// One photo, as far as it matters here.
    struct Shot: Equatable {
        let id: PhotoID
        let takenAt: Timestamp
        let hash: PerceptualHash?
        /// Of several alike, the one with the most stars stands for all, then the first.
        let rating: Int
    }

    private var open: [Shot] = []

    init(window: Duration) { self.window = window }

    /// Takes the next photo in the order of capture times.
    /// - Returns: the burst that it ended, of two photos at least; `nil` when there was none.
    mutating func add(_ shot: Shot) -> [Shot]? {
        if let last = open.last, open.count < Self.maximum, shot.takenAt - last.takenAt <= window, isAlike(last, shot) {
            open.append(shot)
            return nil
        }
        defer { open = [shot] }
        return open.count > 1 ? open : nil
    }

    /// The last burst.
    func end() -> [Shot]? { open.count > 1 ? open : nil }

    /// The photo that stands for a burst.
    static func head(of burst: [Shot]) -> PhotoID? {
        burst.enumerated().max { ($0.element.rating, -$0.offset) < ($1.element.rating, -$1.offset) }?.element.id
    }

    private func isAlike(_ first: Shot, _ second: Shot) -> Bool {
        guard let first = first.hash, let second = second.hash else { return false }
        return first.isNear(second)
    }
}
