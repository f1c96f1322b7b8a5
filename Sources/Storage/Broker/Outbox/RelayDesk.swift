import NIOConcurrencyHelpers

/// What a relay knows of itself: whether it publishes, how far it came, and how much of that is in the database.
final class RelayDesk: Sendable {
    struct Turn: Sendable, Equatable {
        /// `nil` for the only relay there is.
        var term: LeaseTerm?
        var published: OutboxMark
        var recorded: OutboxPosition
    }

    private let turn = NIOLockedValueBox<Turn?>(nil)

    /// `nil` while another node's relay publishes.
    var current: Turn? { turn.withLockedValue { $0 } }

    func begin(_ term: LeaseTerm?, from mark: OutboxMark) {
        turn.withLockedValue { $0 = Turn(term: term, published: mark, recorded: mark.position) }
    }

    /// Ends the turn of that term, not a later one.
    func end(_ term: LeaseTerm?) { turn.withLockedValue { if $0?.term == term { $0 = nil } } }

    /// What was published or recorded in a turn that is over concerns nobody.
    func advance(_ term: LeaseTerm?, to mark: OutboxMark) {
        turn.withLockedValue { if $0?.term == term { $0?.published = mark } }
    }

    func recorded(_ term: LeaseTerm?, _ position: OutboxPosition) {
        turn.withLockedValue { if $0?.term == term { $0?.recorded = position } }
    }
}
