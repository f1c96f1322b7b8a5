import Core

/// Decides who gets a media file: by the grant in the URL, or by who signed in.
struct MediaAccess: Sendable {
    let grants: any GrantChecker
    let sessions: any SessionAccess
    /// Counts what guests of some links download; `nil` when nobody does.
    let downloads: (any DownloadCounter)?

    static let hidden = Problem.notFound("file")
    static let unknown = Problem.unauthorized("Add a grant to the URL or sign in.")

    /// Who is asking, before anything is looked up: a stranger must not learn which files there are.
    ///
    /// A grant takes nothing from somebody who also signed in: either may open the file.
    /// - Parameters:
    ///   - grant: the text of the `grant` query parameter.
    ///   - cookie: the `Cookie` field. Nothing but looking is done by it, so another site can make a browser do no harm.
    /// - Throws: `Problem` 401 without any credential that holds.
    func readers(_ principal: Principal, grant: String?, cookie: String? = nil) throws -> [Principal] {
        let readers = known(principal, grant: grant, cookie: cookie)
        if readers.isEmpty { throw Self.unknown }
        return readers
    }

    /// The same; nobody without any credential that holds.
    func known(_ principal: Principal, grant: String?, cookie: String?) -> [Principal] {
        let tokens = [grant].compactMap(\.self) + MediaCookie.tokens(in: cookie)
        return (tokens.compactMap(grants.check).map(Principal.guest) + [principal]).filter { $0 != .anonymous }
    }

    /// - Returns: whether they may learn all that the file tells: where it was made, when the session hides that, is for
    ///   staff.
    /// - Throws: `Problem` 404 for what none of the readers may see.
    func check(_ file: MediaFile, _ readers: [Principal]) async throws -> Bool {
        var isOpen = false
        for reader in readers {
            switch Self.opening(file, reader, try await resource(file, reader)) {
            case .closed: continue
            case .placeless: isOpen = true
            case .whole: return true
            }
        }
        if !isOpen { throw Self.hidden }
        return false
    }

    /// Whether one of them may also save the file.
    /// - Returns: whose download it is to be counted as: nobody's when one of them does not have to be counted.
    /// - Throws: `Problem` 403 `download_withheld` when they may but look at it.
    func requireDownload(_ file: MediaFile, _ readers: [Principal]) async throws -> Principal? {
        var counted: Principal?
        for reader in readers {
            let resource = try await resource(file, reader)
            guard Self.isOpen(file, to: reader, resource), Policy.allows(reader, .savePhoto, resource) == .allow else { continue }
            guard Self.isCounted(reader) else { return nil }
            counted = reader
        }
        guard let counted else { throw Self.withheld }
        return counted
    }

    static let withheld = Problem.forbidden("It may be looked at here, not saved.", code: "download_withheld")

    /// Whether a guest's downloads are counted.
    static func isCounted(_ reader: Principal) -> Bool {
        if case .guest(let token) = reader { token.rights.contains(.counted) } else { false }
    }

    /// Counts what is about to be sent to somebody whose downloads are counted.
    /// - Parameter content: the same text for the same bytes.
    /// - Throws: `Problem` 403 `downloads_used_up`.
    func count(_ content: String, by reader: Principal) async throws {
        if case .guest(let token) = reader, Self.isCounted(reader) { try await downloads?.begin(content, with: token) }
    }

    /// Takes that back: the content cannot be sent any more.
    func takeBack(_ content: String, by reader: Principal) async throws {
        if case .guest(let token) = reader, Self.isCounted(reader) { try await downloads?.takeBack(content, with: token) }
    }

    /// How far a file is open to somebody.
    enum Opening {
        /// They may not know that it exists.
        case closed
        /// They may not learn where it was made.
        case placeless
        case whole
    }

    /// What a grant alone opens: nothing has to be looked up for that. Originals may have to be counted, or are not to be saved:
    /// then they are closed here.
    func opening(_ file: MediaFile, _ token: GrantToken) -> Opening {
        let isForSaving = file.requiredRights.contains(.original)
        if isForSaving, token.rights.contains(.counted) || !token.rights.contains(.download) { return .closed }
        return Self.opening(file, .guest(token), Self.resource(file.sessionID, token, original: file.objectKey.originalID))
    }

    private static func opening(_ file: MediaFile, _ reader: Principal, _ resource: Resource) -> Opening {
        guard isOpen(file, to: reader, resource) else { return .closed }
        return file.place != .hidden || reader.holds(.desk, in: resource) ? .whole : .placeless
    }

    private static func isOpen(_ file: MediaFile, to reader: Principal, _ resource: Resource) -> Bool {
        let action: Action = file.requiredRights.contains(.original) ? .readOriginal : .readPhoto
        return Policy.allows(reader, action, resource) == .allow && reader.holds(file.requiredRights, in: resource)
    }

    /// Of everything in a session.
    func resource(_ session: SessionID, _ reader: Principal) async throws -> Resource {
        guard case .guest(let token) = reader else { return try await sessions.resource(reader, session) }
        return Self.resource(session, token, original: nil)
    }

    private func resource(_ file: MediaFile, _ reader: Principal) async throws -> Resource {
        guard case .guest(let token) = reader else { return try await sessions.resource(reader, file.sessionID) }
        return Self.resource(file.sessionID, token, original: file.objectKey.originalID)
    }

    /// - Parameter original: what is wanted; `nil` for all that there is.
    private static func resource(_ session: SessionID, _ token: GrantToken, original: OriginalID?) -> Resource {
        let isOpen = token.sessionID == session && (token.originalID == nil || token.originalID == original)
        return .session(session, held: isOpen ? token.rights : [])
    }
}

extension Principal {
    /// Whether it has all those rights: a file may ask for more than its action does.
    func holds(_ rights: Rights, in resource: Resource) -> Bool {
        if role == .admin { return true }
        if case .session(_, let held) = resource { return held.isSuperset(of: rights) }
        return false
    }
}
