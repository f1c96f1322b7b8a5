import Core

/// A list of photos that somebody chooses: what a couple wants in its album.
struct Selection: Sendable, Equatable {
    /// Who chooses.
    enum Kind: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Made by staff; everybody chooses who may select.
        case shared
        /// Its holder chooses; nobody but staff sees it besides.
        case personal
    }

    /// Whether it can be changed.
    enum State: String, Sendable, Codable, CaseIterable { case open, submitted }

    var id: SelectionID
    var sessionID: SessionID
    var kind: Kind
    var name: String
    var about: String
    /// Who made it.
    var holder: Person
    /// What they were called at that time; empty for a guest without a name.
    var holderName: String
    /// Photos that it needs to be submitted.
    var minimum: Int
    /// Photos that it has room for; 0 for as many as any list has.
    var maximum: Int
    /// When guests can change it no more; `nil` for never.
    var closesAt: Timestamp?
    var createdAt: Timestamp
    /// When it was last changed, or what is on it.
    var updatedAt: Timestamp
    var submittedAt: Timestamp?
    /// What they were called who submitted it.
    var submittedBy: String?

    var state: State { submittedAt == nil ? .open : .submitted }

    /// Photos that any list has room for.
    static let mostPhotos = 10_000
}

/// Somebody who does something with lists, once the policy has let them.
struct Chooser: Sendable, Equatable {
    var person: Person
    var rights: Rights

    var isStaff: Bool { rights.contains(.desk) }

    /// - Throws: `Problem` 401 for a stranger.
    init(_ principal: Principal, rights: Rights) throws {
        guard let person = Person(principal) else { throw Problem.unauthorized() }
        self.person = person
        self.rights = rights
    }
}

/// Who may do what with a list.
extension Selection {
    static let submitted = Problem.conflict("selection_submitted", "The list has been submitted; staff can open it again.")
    static let closed = Problem.conflict("selection_closed", "The time to choose is over.")
    static let full = Problem.conflict("selection_full", "The list has as many photos as it may have.")

    static func short(of minimum: Int) -> Problem {
        .conflict("selection_short", "The list needs \(minimum) photos to be submitted.")
    }

    func isSeen(by chooser: Chooser) -> Bool { chooser.isStaff || kind == .shared || holder == chooser.person }

    /// Whether they are told what others wrote on it, and what these are called.
    func tellsNotes(_ chooser: Chooser) -> Bool {
        chooser.isStaff || holder == chooser.person || kind == .shared && chooser.rights.contains(.select)
    }

    /// Whether a photo that guests are not shown can be put on it: where nobody chooses who is not shown it.
    func takesHidden(from chooser: Chooser) -> Bool { chooser.isStaff && (kind == .shared || holder == chooser.person) }

    /// - Throws: `Problem` 409 `selection_submitted`, and `selection_closed` for whoever is not of the staff.
    func requireOpen(to chooser: Chooser, at now: Timestamp) throws {
        if state == .submitted { throw Self.submitted }
        if let closesAt, closesAt <= now, !chooser.isStaff { throw Self.closed }
    }

    /// - Throws: `Problem` 403 unless it is theirs, or they are of the staff.
    func requireHold(_ chooser: Chooser) throws {
        guard chooser.isStaff || kind == .personal && holder == chooser.person else {
            throw Problem.forbidden("Only staff may do that with a list for all.")
        }
    }

    /// - Throws: `Problem` 409 `selection_full`.
    func requireRoom(beside counts: ChoiceCounts) throws {
        let isFull = maximum > 0 && counts.shown >= maximum
        if isFull || counts.all >= Self.mostPhotos { throw Self.full }
    }
}

/// How many photos are on a list.
struct ChoiceCounts: Sendable, Equatable {
    /// Those that guests are shown.
    var shown = 0
    var all = 0
}

/// A photo on a list.
struct Choice: Sendable, Equatable {
    /// A label, as programs for photographers have them.
    enum Colour: String, Sendable, Codable, CaseIterable, SQLConvertible { case red, yellow, green, blue, purple }

    var photoID: PhotoID
    /// Empty for none.
    var note: String
    var colour: Colour?
    /// Stars, 0 for none.
    var rating: Int
    /// Who chose it, or wrote on it last.
    var person: Person
    /// What they were called at that time.
    var personName: String
    var chosenAt: Timestamp

    /// Whether the same is written on it.
    func saysTheSame(as other: Choice) -> Bool { (note, colour, rating) == (other.note, other.colour, other.rating) }
}
