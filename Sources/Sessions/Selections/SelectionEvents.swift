import Core

/// What is told of a photo that came onto a list, left it, or has something else written on it.
struct ChoiceNews: WireType, Equatable {
    var selectionId: SelectionID
    var sessionId: SessionID
    var photoId: PhotoID
    var isChosen: Bool
    var note: String?
    var colour: Choice.Colour?
    var rating: Int?
    var by: PersonView?

    /// - Parameter tellsNotes: whether what was written, and by whom, is told.
    init(_ choice: Choice, isChosen: Bool, on selection: Selection, tellsNotes: Bool) {
        let view = ChoiceView(choice, tellsNotes: tellsNotes, isHidden: nil)
        selectionId = selection.id
        sessionId = selection.sessionID
        photoId = choice.photoID
        self.isChosen = isChosen
        if isChosen { (note, colour, rating) = (view.note, view.colour, view.rating) }
        by = view.by
    }

    static let schema = Schema.object([
        .field("selectionId", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("photoId", .formatted(.uuid)),
        .field("isChosen", .boolean),
        .optional("note", .string(ChoiceInput.noteLength), "Not told to all guests, as is `by`."),
        .optional("colour", .oneOf(Choice.Colour.allCases.map(\.rawValue))),
        .optional("rating", .integer(1...5), "Stars."),
        .optional("by", PersonView.schema, "Who did it."),
    ])
}

/// A list that is no more.
struct SelectionGone: WireType, Equatable {
    var id: SelectionID
    var sessionId: SessionID

    static let schema = Schema.object([.field("id", .formatted(.uuid)), .field("sessionId", .formatted(.uuid))])
}

extension SessionEvents {
    /// A list was made or changed, or what is on it.
    static let selectionUpdated = EventType(
        "selection_updated", payload: SelectionView.schema,
        about: "A list of chosen photos was made, changed, submitted or opened again, or has other photos. Guests hear of lists for all.")

    static let selectionPhotoChanged = EventType(
        "selection_photo_changed", payload: ChoiceNews.schema,
        about: "A photo came onto a list or left it, or has something else written on it. Guests hear of lists for all, without the notes.")

    static let selectionDeleted = EventType(
        "selection_deleted", payload: SelectionGone.schema, about: "A list of chosen photos is no more.")

    static let ofSelections = [selectionUpdated, selectionPhotoChanged, selectionDeleted]
}

/// Tells of lists, as they are after what has just been written: the desk of all; guests of those for all; of a personal one its
/// holder, if that is an account, for guests have no topic of their own, and for as long as it belongs to the session.
struct SelectionNews: Sendable {
    let events: any EventPublisher
    let grants: any GrantRegistry

    func updated(_ selection: Selection, _ counts: ChoiceCounts, _ tx: any Transaction) throws {
        try tell(SessionEvents.selectionUpdated, of: selection, tx) { audience in
            SelectionView(selection, counts, forStaff: audience == .staff, tellsNames: audience != .guests)
        }
    }

    /// - Parameter isShown: whether guests are shown the photo.
    func changed(_ choice: Choice, isChosen: Bool, isShown: Bool, on selection: Selection, _ tx: any Transaction) throws {
        try tell(SessionEvents.selectionPhotoChanged, of: selection, tx) { audience -> ChoiceNews? in
            if audience == .guests && !isShown { return nil }
            return ChoiceNews(choice, isChosen: isChosen, on: selection, tellsNotes: audience != .guests)
        }
    }

    func deleted(_ selection: Selection, _ tx: any Transaction) throws {
        try tell(SessionEvents.selectionDeleted, of: selection, tx) { _ in
            SelectionGone(id: selection.id, sessionId: selection.sessionID)
        }
    }

    private enum Audience { case staff, guests, holder }

    /// - Parameter data: what an audience is told; `nil` for nothing.
    private func tell<News: Encodable>(
        _ type: EventType, of selection: Selection, _ tx: any Transaction, _ data: (Audience) -> News?
    ) throws {
        var audiences: [(Topic, Audience)] = [(.desk(selection.sessionID), .staff)]
        switch selection.kind {
        case .shared: audiences.append((.session(selection.sessionID), .guests))
        case .personal:
            if let user = selection.holder.userID, try grants.membership(of: user, in: selection.sessionID, transaction: tx) != nil {
                audiences.append((.user(user), .holder))
            }
        }
        for (topic, audience) in audiences {
            guard let data = data(audience) else { continue }
            try events.publish(try DurableEvent(topic: topic, type: type, data: data), in: tx)
        }
    }
}
