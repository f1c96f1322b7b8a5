import Core

/// Somebody's wish that a photo be seen no more.
struct PhotoReport: Sendable, Equatable {
    /// Why.
    enum Reason: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Somebody is on it who does not want to be.
        case `private`
        case offensive
        /// It is somebody else's work.
        case rights
        case other
    }

    /// What staff made of it.
    enum Resolution: String, Sendable, Codable, CaseIterable, SQLConvertible {
        /// Guests do not see the photo any more.
        case hide
        /// Nothing.
        case dismiss
    }

    var id: ReportID
    var sessionID: SessionID
    var photoID: PhotoID
    var person: Person
    /// What they were called at that time; empty for a guest without a name.
    var personName: String
    var reason: Reason
    /// Empty for none.
    var text: String
    var createdAt: Timestamp
    /// `nil` while it is open.
    var resolution: Resolution?
    var resolvedAt: Timestamp?
    /// What they were called who resolved it.
    var resolvedBy: String?
}

extension PhotoReport {
    func resolved(as resolution: Resolution, by name: String, at now: Timestamp) -> PhotoReport {
        var report = self
        (report.resolution, report.resolvedBy, report.resolvedAt) = (resolution, name, now)
        return report
    }
}

/// A report as staff sees it.
struct PhotoReportView: WireType, Equatable {
    var id: ReportID
    var sessionId: SessionID
    var photoId: PhotoID
    var by: PersonView
    var reason: PhotoReport.Reason
    var text: String?
    var createdAt: Timestamp
    var resolution: PhotoReport.Resolution?
    var resolvedAt: Timestamp?
    var resolvedBy: String?

    init(_ report: PhotoReport) {
        id = report.id
        sessionId = report.sessionID
        photoId = report.photoID
        by = PersonView(report.person, name: report.personName)
        reason = report.reason
        text = report.text.isEmpty ? nil : report.text
        createdAt = report.createdAt
        resolution = report.resolution
        resolvedAt = report.resolvedAt
        resolvedBy = report.resolvedBy
    }

    static let schema = Schema.object([
        .field("id", .formatted(.uuid)),
        .field("sessionId", .formatted(.uuid)),
        .field("photoId", .formatted(.uuid)),
        .field("by", PersonView.schema),
        .field("reason", .oneOf(PhotoReport.Reason.allCases.map(\.rawValue))),
        .optional("text", .string(ReportInput.length)),
        .field("createdAt", .formatted(.dateTime)),
        .optional("resolution", .oneOf(PhotoReport.Resolution.allCases.map(\.rawValue)), "Missing while the report is open."),
        .optional("resolvedAt", .formatted(.dateTime)),
        .optional("resolvedBy", .string(), "What they were called who resolved it."),
    ])
}

/// A report to be made.
struct ReportInput: WireType {
    var reason: PhotoReport.Reason
    var text: String?

    static let length = 0...500

    static let schema = Schema.object([
        .field("reason", .oneOf(PhotoReport.Reason.allCases.map(\.rawValue)), "`private`: somebody on it does not want to be."),
        .optional("text", .string(length), "For staff; no control characters but line feeds."),
    ])
}

/// What becomes of a report.
struct ReportResolution: WireType {
    var resolution: PhotoReport.Resolution

    static let schema = Schema.object([
        .field(
            "resolution", .oneOf(PhotoReport.Resolution.allCases.map(\.rawValue)),
            "`hide` takes the photo from guests' sight and closes all reports of it; `dismiss` leaves it as it is.")
    ])
}

/// What all of the staff hears of a report: neither from whom it is nor what they wrote, which are for those who edit.
struct ReportNews: WireType, Equatable {
    var id: ReportID?
    var sessionId: SessionID
    var photoId: PhotoID
    var reason: PhotoReport.Reason?
    var resolution: PhotoReport.Resolution?
    var count: Int

    /// - Parameter count: open reports of the photo that there are now.
    init(_ report: PhotoReport, count: Int) {
        (id, sessionId, photoId) = (report.id, report.sessionID, report.photoID)
        (reason, resolution) = (report.reason, report.resolution)
        self.count = count
    }

    /// All reports of a photo went with it.
    init(gone photo: PhotoID, from session: SessionID) { (sessionId, photoId, count) = (session, photo, 0) }

    static let schema = Schema.object([
        .optional("id", .formatted(.uuid), "The report; missing, as are `reason` and `resolution`, when all went with their photo."),
        .field("sessionId", .formatted(.uuid)),
        .field("photoId", .formatted(.uuid)),
        .optional("reason", .oneOf(PhotoReport.Reason.allCases.map(\.rawValue))),
        .optional("resolution", .oneOf(PhotoReport.Resolution.allCases.map(\.rawValue))),
        .field("count", .integer(0...Int64.max), "Reports of the photo that are open now."),
    ])
}

extension SessionEvents {
    static let photoReported = EventType(
        "photo_reported", payload: ReportNews.schema,
        about: "Somebody wishes that a photo be seen no more (desk only). Who, and their words, are in the list of reports.")

    static let reportResolved = EventType(
        "report_resolved", payload: ReportNews.schema, about: "Staff has dealt with a report, or all of them went with their photo (desk only).")

    static let ofReports = [photoReported, reportResolved]
}
