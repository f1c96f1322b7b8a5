import Core
import HTTPTypes
import WebServer

/// Tells whoever counts what guests look at and save. What staff does is not counted, nor how a fetch goes on.
struct MediaCount: Sendable {
    let tally: (any MediaTally)?

    /// What is counted of a file when nobody asks to save it; `nil` for nothing: small pictures, and what belongs to a film.
    static func use(of path: MediaPath) -> MediaUse? {
        switch path {
        case .original: .download
        case .rendition(_, .medium, _, _), .rendition(_, .large, _, _), .rendition(_, .animation, _, _): .view
        case .rendition(_, .hls, _, _), .rendition(_, .stream, _, _): .view
        case .rendition: nil
        }
    }

    /// A file begins to be sent.
    func note(_ use: MediaUse, _ file: MediaFile, at path: MediaPath, by token: GrantToken) {
        note(use, path.originalID, in: file.sessionID, by: token)
    }

    /// An archive begins to be sent: one download, however many files it has.
    func note(archiveOf session: SessionID, by reader: Principal) {
        if case .guest(let token) = reader { note(.download, nil, in: session, by: token) }
    }

    private func note(_ use: MediaUse, _ original: OriginalID?, in session: SessionID, by token: GrantToken) {
        if token.rights.contains(.desk) { return }
        tally?.note(use, of: original, in: session, by: token.grantID)
    }

    /// The same for whoever of several readers is a guest of the session.
    func note(_ path: MediaPath, _ file: MediaFile, isDownload: Bool, by readers: [Principal]) {
        guard tally != nil, let use = isDownload ? .download : Self.use(of: path) else { return }
        for case .guest(let token) in readers where token.sessionID == file.sessionID {
            return note(use, file, at: path, by: token)
        }
    }

    /// Whether an answer sends the first bytes, or has them sent: what comes later goes on with something that was counted.
    static func begins(_ reply: Reply, range: String?) -> Bool {
        switch reply.status.code {
        case 206: reply.headers[.contentRange]?.hasPrefix("bytes 0-") ?? false
        // A proxy or the store, which may send the bytes, sees to the range itself.
        case 200, 302, 307: range?.hasPrefix("bytes=0-") ?? true
        default: false
        }
    }
}

extension MediaDecision {
    /// Whether the first bytes are sent.
    var sendsBeginning: Bool {
        switch self {
        case .whole: true
        case .part(let range): range.lowerBound == 0
        case .parts, .notModified, .preconditionFailed, .unsatisfiable: false
        }
    }
}

extension MediaPath {
    fileprivate var originalID: OriginalID {
        switch self {
        case .rendition(let id, _, _, _), .original(let id): id
        }
    }
}
