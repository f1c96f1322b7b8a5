import NIOConcurrencyHelpers

/// What a relay knows of itself: whether it publishes, how far it came, and how much of that is in the database.
final class RelayDesk: Sendable {
    struct Turn: Sendable, Equatable {
        /// `nil` for the only relay there is.
        var term: LeaseTerm?
        var published: Int64
        var recorded: Int64
    }

    private let turn = NIOLockedValueBox<Turn?>(nil)

    /// `nil` while another node's relay publishes.
    var current: Turn? { turn.withLockedValue { $0 } }

    func begin(_ term: LeaseTerm?, from sequence: Int64) {
        turn.withLockedValue { $0 = Turn(term: term, published: sequence, recorded: sequence) }
    }

    /// Ends the turn of that term, not a later one.
    func end(_ term: LeaseTerm?) { turn.withLockedValue { if $0?.term == term { $0 = nil } } }

    /// What was published or recorded in a turn that is over concerns nobody.
    func advance(_ term: LeaseTerm?, to sequence: Int64) {
        turn.withLockedValue { if $0?.term == term { $0?.published = sequence } }
    }

    func recorded(_ term: LeaseTerm?, _ sequence: Int64) {
        turn.withLockedValue { if $0?.term == term { $0?.recorded = sequence } }
    }
}
