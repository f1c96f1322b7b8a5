import CoreMetrics
import Core
import HTTPTypes
import NIOCore
public import WebServer

/// Answers for `/media/` on the event loop of the connection: guests with a grant in the URL or a cookie, for files that were
/// asked for a moment ago, as they are. Everything else, and every refusal, is left to `MediaResponder`, whose decisions it shares.
public struct DirectMedia: DirectResponder {
    public let prefix = "/media/"
    public let route = MediaRoutes.path

    private let access: MediaAccess
    private let grants: VerifiedGrants
    private let files: HotFiles
    private let bytes: MediaBytes
    private let count: MediaCount
    /// Whether large files are left to proxies of ours: see `MediaOffload`.
    private let isOffloading: Bool

    private static let conditions: [HTTPField.Name] = [
        .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .range,
    ]

    init(
        _ access: MediaAccess, _ grants: VerifiedGrants, _ files: HotFiles, _ bytes: MediaBytes, _ count: MediaCount,
        isOffloading: Bool
    ) {
        self.isOffloading = isOffloading
        self.access = access
        self.grants = grants
        self.files = files
        self.bytes = bytes
        self.count = count
    }

    public func answer(_ request: DirectRequest) -> DirectAnswer? {
        guard let target = Target(request.target), let hot = files.file(target.path),
            !isOffloading || !request.isFromProxy || hot.opened == nil, let token = opener(of: hot.file, target, request)
        else { return nil }
        let conditions = MediaConditions(request.fields(Self.conditions))
        let decision = MediaDecision(conditions, of: hot.representation, isHead: request.isHead)
        guard let head = hot.head(decision), let answer = answer(head, decision, hot, request) else { return nil }
        if let use = hot.use, !request.isHead, decision.sendsBeginning { count.note(use, hot.file, at: hot.path, by: token) }
        return answer
    }

    private func answer(
        _ head: DirectHead, _ decision: MediaDecision, _ hot: HotFile, _ request: DirectRequest
    ) -> DirectAnswer? {
        switch decision {
        case .part(let range):
            let contentRange = decision.contentRange(size: hot.representation.size)
            guard let body = body(hot, range, request) else { return nil }
            return DirectAnswer(head, contentRange: contentRange, length: Int64(range.count), body: body, sent: bytes.sent)
        case .whole:
            guard let body = body(hot, 0..<hot.file.size, request) else { return nil }
            return DirectAnswer(head, length: hot.file.size, body: body, sent: bytes.sent)
        default: return DirectAnswer(head, length: nil, body: .nothing)
        }
    }

    /// The first of the tokens that came with the request to open the whole file.
    private func opener(of file: MediaFile, _ target: Target, _ request: DirectRequest) -> GrantToken? {
        let opening = { (text: String) in grants.token(text).flatMap { access.opening(file, $0) == .whole ? $0 : nil } }
        if let grant = target.grant, let token = opening(grant) { return token }
        let cookie = request.fields([.cookie])[.cookie]
        if let own = MediaCookie.token(in: cookie, of: file.sessionID), let token = opening(own) { return token }
        return MediaCookie.tokens(in: cookie).lazy.compactMap(opening).first
    }

    /// Small files come from memory: to copy 40 kB costs the kernel no more than a second call, which sendfile would take.
    private func body(_ hot: HotFile, _ range: Range<Int64>, _ request: DirectRequest) -> DirectAnswer.Body? {
        guard let opened = hot.opened else { return bytes.kept(hot.file, range).map { .bytes($0) } }
        return request.takesFiles ? .file(FilePart(opened, range, sent: bytes.sent)) : nil
    }

    /// A path, and perhaps a grant, and nothing else. Both are compared as they stand: what is escaped is the routes' to read.
    private struct Target {
        let path: String
        let grant: String?

        init?(_ text: String) {
            var text = text
            let parts = text.withUTF8 { bytes -> (path: String, grant: String?)? in
                guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return (String(decoding: bytes, as: UTF8.self), nil) }
                let query = bytes[(mark + 1)...]
                guard query.starts(with: "grant=".utf8), query.allSatisfy(Self.isPlain) else { return nil }
                return (String(decoding: bytes[..<mark], as: UTF8.self), String(decoding: query.dropFirst(6), as: UTF8.self))
            }
            guard let parts else { return nil }
            (path, grant) = parts
        }

        private static func isPlain(_ byte: UInt8) -> Bool {
            byte != UInt8(ascii: "&") && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "+")
        }
    }
}
