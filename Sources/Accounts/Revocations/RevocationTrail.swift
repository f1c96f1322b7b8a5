import Core

/// Which stretches of time are to be read at a look at what was revoked.
///
/// What is young is read anew at each look, for a transaction is seen later than the time it carries, and clocks differ. But not
/// what one transaction revoked by the thousand: of such a moment all is seen at once, and it is read again only as it gets old, for
/// the unlikely case that something else carries the same millisecond.
struct RevocationTrail: Sendable {
    private static let overlap: Duration = .seconds(30)
    /// How long before it gets old a crowded moment is read again.
    private static let margin: Duration = .seconds(2)
    private static let mostCrowds = 64

    private let start: Duration
    private var lastLook: Timestamp?
    private var crowds: Set<Timestamp> = []

    /// - Parameter start: how far back the first look goes.
    init(start: Duration) { self.start = start }

    /// The stretches to read now, in order, in milliseconds.
    func stretches(at now: Timestamp) -> [Range<Int64>] {
        let since = lastLook.map { $0 - Self.overlap } ?? now - start
        var (stretches, from) = ([Range<Int64>](), since.milliseconds)
        for crowd in crowds.sorted() where crowd > since + Self.margin {
            stretches.append(from..<crowd.milliseconds)
            from = crowd.milliseconds + 1
        }
        return stretches + [from..<Int64.max]
    }

    /// Everything of a look has been read.
    /// - Parameter found: moments in which very many were revoked.
    mutating func finish(at now: Timestamp, crowds found: Set<Timestamp>) {
        lastLook = now
        let oldest = now - Self.overlap
        crowds = crowds.union(found).filter { $0 > oldest }
        if crowds.count > Self.mostCrowds { crowds = Set(crowds.sorted().suffix(Self.mostCrowds)) }
    }
}
