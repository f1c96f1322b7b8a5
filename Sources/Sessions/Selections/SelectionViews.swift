import Core

/// A list of chosen photos as its holder, guests and staff see it.
struct SelectionView: WireType, Equatable {
    var id: SelectionID
    var sessionId: SessionID
    var kind: Selection.Kind
    var name: String
    var description: String?
    var holder: PersonView
    var state: Selection.State
    var minimum: Int
    var maximum: Int
    var closesAt: Timestamp?
    var count: Int
    /// Staff only.
    var hiddenCount: Int?
    var createdAt: Timestamp
    var updatedAt: Timestamp
    var submittedAt: Timestamp?
    var submittedBy: String?

    /// - Parameter tellsNames: whether the reader is told what people were called.
    init(_ selection: Selection, _ counts: ChoiceCounts, forStaff: Bool, tellsNames: Bool) {
        id = selection.id
        sessionId = selection.sessionID
        kind = selection.kind
        name = selection.name
        description = selection.about.isEmpty ? nil : selection.about
        holder = PersonView(selection.holder, name: tellsNames ? selection.holderName : "")
        state = selection.state
        minimum = selection.minimum
        maximum = selection.maximum
        closesAt = selection.closesAt
        count = counts.shown
        hiddenCount = forStaff ? counts.all - counts.shown : nil
        createdAt = selection.createdAt
        updatedAt = selection.updatedAt
        submittedAt = selection.submittedAt
        submittedBy = (tellsNames ? selection.submittedBy : nil).flatMap { $0.isEmpty ? nil : $0 }
    }

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("kind", .oneOf(Selection.Kind.allCases.map(\.rawValue))),
        .field("name", SelectionInput.name),
        .optional("description", SelectionInput.about),
        .field("holder", PersonView.schema, "Who made it; the name is only for staff and those who choose."),
        .field("state", .oneOf(Selection.State.allCases.map(\.rawValue)), "A submitted list takes no changes."),
        .field("minimum", SelectionInput.limit, "Photos that it needs to be submitted."),
        .field("maximum", SelectionInput.limit, "Photos that it has room for; 0 for any number up to \(Selection.mostPhotos)."),
        .optional("closesAt", .formatted(.dateTime), "When guests can change it no more."),
        .field("count", .integer(0...Int64.max), "Photos on it that guests are shown: those that its limits are about."),
        .optional("hiddenCount", .integer(0...Int64.max), "Photos on it that guests are not shown (any more). Staff only."),
        .field("createdAt", .formatted(.dateTime)),
        .field("updatedAt", .formatted(.dateTime), "When it was last changed, or what is on it."),
        .optional("submittedAt", .formatted(.dateTime)),
        .optional("submittedBy", .string(), "What they were called who submitted it. Only for staff and those who choose."),
    ])
}

/// A list to be made.
struct SelectionInput: WireType {
    var kind: Selection.Kind?
    var name: String
    var description: String?
    var minimum: Int?
    var maximum: Int?
    var closesAt: Timestamp?

    static let name = Schema.string(1...100)
    static let about = Schema.string(0...1000)
    static let limit = Schema.integer(0...Int64(Selection.mostPhotos))

    static let schema = Schema.object([
        .optional(
            "kind", .oneOf(Selection.Kind.allCases.map(\.rawValue)),
            "`shared` is for all guests who may select, and made by staff alone; unless said, what the caller can make: staff `shared`."),
        .field("name", name),
        .optional("description", about),
        .optional("minimum", limit, "Photos that it needs to be submitted. Staff only, as are all below."),
        .optional("maximum", limit, "Photos that it has room for; 0, unless said, for any number."),
        .optional("closesAt", .formatted(.dateTime), "When guests can change it no more."),
    ])

    var setsLimits: Bool { minimum != nil || maximum != nil || closesAt != nil }
}

/// A change to a list: what is missing stays as it is.
struct SelectionChange: WireType {
    var name: String?
    var description: String?
    var minimum: Int?
    var maximum: Int?
    /// `.some(nil)` lets it open for good.
    var closesAt: Timestamp??

    static let schema = Schema.object([
        .optional("name", SelectionInput.name),
        .optional("description", SelectionInput.about),
        .optional("minimum", SelectionInput.limit, "Staff only, as are all below."),
        .optional("maximum", SelectionInput.limit, "What is on the list stays there."),
        .optional("closesAt", .formatted(.dateTime), "Null for never."),
    ])

    var setsLimits: Bool { minimum != nil || maximum != nil || closesAt != nil }

    private enum CodingKeys: String, CodingKey { case name, description, minimum, maximum, closesAt }
}

extension SelectionChange {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        minimum = try container.decodeIfPresent(Int.self, forKey: .minimum)
        maximum = try container.decodeIfPresent(Int.self, forKey: .maximum)
        // A member that is null says something else than one that is missing.
        if container.contains(.closesAt) { closesAt = .some(try container.decodeIfPresent(Timestamp.self, forKey: .closesAt)) }
    }
}

/// What is written on a chosen photo.
struct ChoiceInput: WireType {
    var note: String?
    var colour: Choice.Colour?
    var rating: Int?

    static let noteLength = 0...1000

    static let schema = Schema.object([
        .optional("note", .string(noteLength), "For staff and those who choose; no control characters but line feeds."),
        .optional("colour", .oneOf(Choice.Colour.allCases.map(\.rawValue))),
        .optional("rating", .integer(0...5), "Stars; 0, unless said, for none."),
    ])
}

/// A photo on a list.
struct ChoiceView: WireType, Equatable {
    var photoId: PhotoID
    var note: String?
    var colour: Choice.Colour?
    var rating: Int?
    var by: PersonView?
    var chosenAt: Timestamp
    /// Staff only.
    var isHidden: Bool?
    /// Only in lists.
    var photo: PhotoView?

    /// - Parameters:
    ///   - tellsNotes: whether the reader is told what was written, and by whom.
    ///   - isHidden: that guests are not shown the photo; `nil` for readers who would not see it then.
    init(_ choice: Choice, tellsNotes: Bool, isHidden: Bool?, photo: PhotoView? = nil) {
        photoId = choice.photoID
        note = tellsNotes && !choice.note.isEmpty ? choice.note : nil
        colour = choice.colour
        rating = choice.rating > 0 ? choice.rating : nil
        by = tellsNotes ? PersonView(choice.person, name: choice.personName) : nil
        chosenAt = choice.chosenAt
        self.isHidden = isHidden
        self.photo = photo
    }

    static let schema = Schema.object([
        .field("photoId", .formatted(.uuid)),
        .optional("note", .string(ChoiceInput.noteLength), "Only for staff and those who choose."),
        .optional("colour", .oneOf(Choice.Colour.allCases.map(\.rawValue))),
        .optional("rating", .integer(1...5), "Stars."),
        .optional("by", PersonView.schema, "Who chose it, or wrote on it last. Only for staff and those who choose."),
        .field("chosenAt", .formatted(.dateTime)),
        .optional("isHidden", .boolean, "Guests are not shown the photo (any more). Staff only."),
        .optional("photo", PhotoView.schema, "Only in lists."),
    ])
}
