/// Where a film is.
public struct FilmMoment: WireType, Hashable {
    public var mediaId: PhotoID
    /// Seconds.
    public var position: Double

    /// See the properties of the same names.
    public init(mediaId: PhotoID, position: Double) {
        self.mediaId = mediaId
        self.position = position
    }

    public static let schema = Schema.object([
        .field("mediaId", .formatted(.uuid), "The film."),
        .field("position", .number(0...Double.greatestFiniteMagnitude), "Seconds."),
    ])
}

/// What goes on in a party while somebody speaks.
public struct PartyScene: Sendable, Equatable {
    /// `nil` when nothing is shown.
    public var moment: FilmMoment?
    /// Whether the one who wants to may.
    public var maySpeak: Bool

    /// See the properties of the same names.
    public init(moment: FilmMoment?, maySpeak: Bool) {
        self.moment = moment
        self.maySpeak = maySpeak
    }
}

/// What the chat has to know of parties. Implemented by WatchParty.
public protocol ChatParties: Sendable {
    /// - Returns: `nil` when the session is no party.
    func scene(in session: SessionID, for person: Person, at now: Timestamp, transaction: any Transaction) throws -> PartyScene?
}
