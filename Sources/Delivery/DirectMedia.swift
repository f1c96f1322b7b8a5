import CoreMetrics
import Core
import HTTPTypes
import NIOCore
public import WebServer

/// Answers for `/media/` on the event loop of the connection: guests with a grant in the URL, for files that were asked for
/// a moment ago, as they are. Everything else, and every refusal, is left to `MediaResponder`, whose decisions it shares.
public struct DirectMedia: DirectResponder {
    public let prefix = "/media/"
    public let route = MediaRoutes.path

    /// Bytes below which it costs less to copy them from memory than to have the kernel send them.
    private static let worthSending = 16 << 10

    private let access: MediaAccess
    private let grants: VerifiedGrants
    private let files: HotFiles
    private let bytes: MediaBytes

    private static let conditions: [HTTPField.Name] = [
        .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .range,
    ]

    init(_ access: MediaAccess, _ grants: VerifiedGrants, _ files: HotFiles, _ bytes: MediaBytes) {
        self.access = access
        self.grants = grants
        self.files = files
        self.bytes = bytes
    }

    public func answer(_ request: DirectRequest) -> DirectAnswer? {
        guard let target = Target(request.target), let hot = files.file(target.path), let token = grants.token(target.grant),
            access.opening(hot.file, token) == .whole
        else { return nil }
        let conditions = MediaConditions(request.fields(Self.conditions))
        let decision = MediaDecision(conditions, of: hot.representation, isHead: request.isHead)
        guard let head = hot.head(decision) else { return nil }
        switch decision {
        case .part(let range):
            let contentRange = decision.contentRange(size: hot.representation.size)
            return answer(head, contentRange, hot, range)
        case .whole: return answer(head, nil, hot, 0..<hot.file.size)
        default: return DirectAnswer(head, length: nil, body: .nothing)
        }
    }

    private func answer(_ head: DirectHead, _ contentRange: String?, _ hot: HotFile, _ range: Range<Int64>) -> DirectAnswer? {
        let body: DirectAnswer.Body
        if let opened = hot.opened, range.count >= Self.worthSending {
            body = .file(FilePart(opened, range, sent: bytes.sent))
        } else if let part = bytes.kept(hot.file, range) {
            body = .bytes(part)
        } else if let opened = hot.opened, !range.isEmpty {
            body = .file(FilePart(opened, range, sent: bytes.sent))
        } else {
            return nil
        }
        return DirectAnswer(head, contentRange: contentRange, length: Int64(range.count), body: body, sent: bytes.sent)
    }

    /// A path and a grant, and nothing else. Both are compared as they stand: what is escaped is the routes' to read.
    private struct Target {
        let path: String
        let grant: String

        init?(_ text: String) {
            var text = text
            let parts = text.withUTF8 { bytes -> (path: String, grant: String)? in
                guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return nil }
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
