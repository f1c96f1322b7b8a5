/// Everything that can be asked of Lumiere. Each route and each topic declares one; `Policy` decides on it.
public enum Action: String, Sendable, CaseIterable {
    // Open to all.
    case readPublic, signIn, enterSession
    // Of an account.
    case readProfile, manageDevices, listKeys, manageKeys
    // Only for people: what a key made would outlive its revocation, another key as well as a webhook that goes on telling.
    case createKey, configureWebhook
    case listWebhooks, manageWebhooks
    // Of sessions.
    case createSession, listSessions
    // To bring one back from the bin; of whom it may be, the bin says.
    case undeleteSession
    case readSession, updateSession, deleteSession
    // To archive a session, and to restore it.
    case archiveSession
    // To make another like it.
    case duplicateSession
    case readStatistics, readOwnStatistics
    case readAudit
    // Who came and what they took along, as far as it is told.
    case readAccessLog
    // To see a link is to have it. Keys may: whoever takes one back sees in the session what it has made, and removes that.
    case readLinks, manageLinks
    case manageGuests
    case listMembers, manageMembers
    // Oneself, or whomever those remove who manage it.
    case leaveSession
    // Of what is in a session.
    case listPhotos, readPhoto, readOriginal, requeuePhoto
    // Photographers may change their own photos: which ones is looked at by whoever does it. The session of a batch is in its body.
    case editPhoto, editPhotos
    // Of the session to which photos are moved.
    case receivePhotos
    case reviewPhoto, stackPhotos
    // Of what people think of a photo.
    case markPhoto, reportPhoto, listReports, resolveReport
    // Of lists of chosen photos. Whose a list is, and whether it is open, is for the lists to say.
    case readSelections, choosePhotos, exportSelection, reopenSelection
    // To save what can be seen: attachments and archives.
    case savePhoto
    // Of a media URL, whose query may hold the credential: Delivery decides by `readPhoto` or `readOriginal`.
    case readMedia
    case beginUpload, continueUpload
    case followSession, followDesk
    // Of what is told to one person alone.
    case followSelf
    // Of those who watch a film together: what each of them may do there, their roles say.
    case createParty, listParties, readParty, joinInParty, manageParty
    // Of the talk in a session.
    case readMessages, sendMessage, moderateChat
    // Of the work on what is in a session.
    case listJobs, retryJob, cancelJob
    // Of the house.
    case readMetrics
    // Of what accounts may have.
    case readQuotas, manageQuotas
    // Of everybody's connections.
    case readConnections, closeConnections, announce

    /// What somebody needs to do it.
    public enum Requirement: Sendable, Equatable {
        /// Nothing.
        case none
        /// An account of at least that role; an API key needs the scope.
        case account(Role, Scope)
        /// Anybody who is not a stranger; what the action is about is known, and decided on, only later.
        case identified(Scope)
        /// A person with an access token; API keys cannot.
        case person
        /// Those rights in the session at hand; an API key needs the scope.
        case rights(Rights, Scope)
    }

    /// The table that the policy, the authorisation matrix and OpenAPI's security are read from.
    public var requirement: Requirement {
        switch self {
        case .readPublic, .signIn, .enterSession, .readMedia: .none
        case .readProfile: .account(.member, .read)
        case .manageDevices, .createKey, .configureWebhook, .followSelf: .person
        case .listKeys, .manageKeys, .listWebhooks, .manageWebhooks: .account(.member, .manage)
        case .createSession: .account(.photographer, .manage)
        case .undeleteSession, .createParty: .account(.member, .manage)
        // Each shows only what the account has rights in.
        case .listSessions, .listParties, .listJobs, .readOwnStatistics: .account(.member, .read)
        case .readSession, .listPhotos, .readPhoto, .followSession, .readMessages, .readSelections, .readParty:
            .rights(.view, .read)
        case .choosePhotos: .rights(.select, .manage)
        case .markPhoto, .reportPhoto: .rights(.view, .manage)
        case .listReports: .rights(.edit, .read)
        case .resolveReport: .rights(.edit, .manage)
        case .readAccessLog: .rights(.manage, .read)
        case .exportSelection: .rights(.desk, .read)
        case .reopenSelection: .rights(.desk, .manage)
        // Whether the chat is open, and to whom, is its own to say.
        case .sendMessage, .joinInParty, .leaveSession: .rights(.view, .manage)
        case .moderateChat: .rights(.desk, .manage)
        case .readOriginal: .rights(.original, .read)
        case .savePhoto: .rights([.view, .download], .read)
        case .followDesk, .readStatistics, .listMembers: .rights(.desk, .read)
        case .updateSession, .manageParty, .archiveSession, .duplicateSession, .deleteSession, .readLinks, .manageLinks, .manageGuests, .manageMembers,
            .requeuePhoto, .retryJob, .cancelJob:
            .rights(.manage, .manage)
        // The target is named in a header: the admission decides on it.
        case .beginUpload: .identified(.upload)
        case .continueUpload: .rights(.upload, .upload)
        case .editPhoto: .rights(.desk, .manage)
        case .editPhotos: .identified(.manage)
        case .reviewPhoto, .stackPhotos: .rights([.desk, .edit], .manage)
        case .receivePhotos: .rights([.desk, .edit, .upload], .manage)
        case .readAudit: .rights(.manage, .read)
        case .readMetrics, .readConnections, .readQuotas: .account(.admin, .read)
        case .closeConnections, .announce, .manageQuotas: .account(.admin, .manage)
        }
    }

    /// Whether it changes what is in a session, which nobody does while that is archived: people can be let go at any time.
    public var changesSession: Bool {
        guard case .rights(_, let scope) = requirement, scope != .read else { return false }
        return ![.archiveSession, .duplicateSession, .deleteSession, .leaveSession, .readLinks, .manageGuests].contains(self)
    }
}
