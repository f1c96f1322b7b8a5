import Core
import HTTPTypes
import NIOCore
import WebServer

/// A file that can be answered with at once: what is known of it since a moment ago, and the heads of its answers, written
/// once for all who ask. Of small files the bytes are kept elsewhere; large ones are held open.
struct HotFile: Sendable {
    let file: MediaFile
    let path: MediaPath
    /// What is counted when somebody fetches it.
    let use: MediaUse?
    let opened: OpenFile?
    let representation: Representation
    /// Before the catalogue was asked.
    let lookedUpAt: Timestamp
    private let whole: DirectHead
    private let part: DirectHead
    private let notModified: DirectHead

    init(_ file: MediaFile, at path: MediaPath, _ opened: OpenFile?, lookedUpAt: Timestamp) {
        let described = MediaHeaders(MediaCopy(file), isDownload: false)
        self.file = file
        self.path = path
        self.use = MediaCount.use(of: path)
        self.opened = opened
        self.lookedUpAt = lookedUpAt
        representation = described.representation
        whole = DirectHead(.ok, described.all)
        part = DirectHead(.partialContent, described.all)
        notModified = DirectHead(.notModified, described.validators)
    }

    /// The head of an answer; `nil` for those that are more than a head and bytes of the file.
    func head(_ decision: MediaDecision) -> DirectHead? {
        switch decision {
        case .whole: whole
        case .part: part
        case .notModified: notModified
        case .parts, .preconditionFailed, .unsatisfiable: nil
        }
    }
}
