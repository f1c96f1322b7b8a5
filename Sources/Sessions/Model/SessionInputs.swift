import Core

/// What is needed to create a session.
struct NewSession: WireType {
    var title: String
    var description: String?
    var accessCode: String?
    var settings: SessionSettings?
    var type: Occasion.Kind?
    var place: String?
    var startsAt: Timestamp?
    var endsAt: Timestamp?
    var timeZone: String?
    var language: String?

    static let schema = Schema.object([
        .field("title", .string(1...200)),
        .optional("description", .string(0...5000)),
        .optional("accessCode", AccessCode.schema, "Chosen, or six characters made up when missing."),
        .optional("settings", SessionSettings.schema),
    ] + Occasion.inputs)

    var occasion: Occasion {
        var occasion = Occasion()
        occasion.type = type ?? occasion.type
        (occasion.place, occasion.timeZone) = (place, timeZone)
        (occasion.startsAt, occasion.endsAt) = (startsAt, endsAt)
        occasion.language = language.map(LanguageTag.canonical)
        return occasion
    }
}

/// A change to a session: what is missing stays as it is.
struct SessionChange: WireType {
    var title: String?
    var description: String?
    var accessCode: String?
    var status: Session.Status?
    var settings: SettingsChange?
    var type: Occasion.Kind?
    /// `.some(nil)` takes back what the session has, as with those below.
    var place: String??
    var startsAt: Timestamp??
    var endsAt: Timestamp??
    var timeZone: String??
    var language: String??
    var coverPhotoId: PhotoID??

    private enum CodingKeys: String, CodingKey {
        case title, description, accessCode, status, settings, type, place, startsAt, endsAt, timeZone, language, coverPhotoId
    }

    static let schema = Schema.object([
        .optional("title", .string(1...200)),
        .optional("description", .string(0...5000)),
        .optional("accessCode", AccessCode.schema, "A new code shows out all guests who came in by the old one."),
        .optional(
            "status", .oneOf(Session.Status.allCases.map(\.rawValue)),
            "`active` and `paused` turn into each other and into `ended`, and `ended` into `active`; `archived` has its own routes."),
        .optional("settings", SessionSettings.schema),
    ] + Occasion.inputs + [
        .optional("coverPhotoId", .formatted(.uuid), "One of its photos; null leaves it to what is featured or new.")
    ])
}

extension SessionChange {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        title = try container.decodeIfPresent(String.self, forKey: .title)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        accessCode = try container.decodeIfPresent(String.self, forKey: .accessCode)
        status = try container.decodeIfPresent(Session.Status.self, forKey: .status)
        settings = try container.decodeIfPresent(SettingsChange.self, forKey: .settings)
        type = try container.decodeIfPresent(Occasion.Kind.self, forKey: .type)
        place = try container.change(.place)
        startsAt = try container.change(.startsAt)
        endsAt = try container.change(.endsAt)
        timeZone = try container.change(.timeZone)
        language = try container.change(.language)
        coverPhotoId = try container.change(.coverPhotoId)
    }
}

extension Occasion {
    /// What both can say.
    fileprivate static let inputs: [Schema.Field] = [
        .optional("type", Kind.chosen, "`event` unless said."),
        .optional("place", .string(placeLength), "Where it is."),
        .optional("startsAt", .formatted(.dateTime)),
        .optional("endsAt", .formatted(.dateTime), "Not before `startsAt`."),
        .optional("timeZone", .string(zoneLength), "A name of the IANA database such as Europe/Berlin; required with either time."),
        .optional("language", .string(languageLength), "A short language tag (BCP 47) such as en, de-CH or zh-Hant-TW."),
    ]

    mutating func apply(_ change: SessionChange) {
        // What is a party stays one.
        if type != .party { type = change.type ?? type }
        place = change.place ?? place
        startsAt = change.startsAt ?? startsAt
        endsAt = change.endsAt ?? endsAt
        timeZone = change.timeZone ?? timeZone
        language = change.language.map { $0.map(LanguageTag.canonical) } ?? language
        coverID = change.coverPhotoId ?? coverID
    }
}

extension LanguageTag {
    /// As tags are written; what is none stays as it is, to be refused.
    fileprivate static func canonical(_ tag: String) -> String { LanguageTag(tag)?.text ?? tag }
}
