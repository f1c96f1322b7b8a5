import Core
import Foundation
import HTTPTypes

/// A file of the web client, in memory.
struct WebFile: Sendable {
    let bytes: Data
    let type: String
    /// Strong: of the content, which is trusted, so that a short hash without secrets does.
    let etag: String

    init(name: String, bytes: Data) {
        self.bytes = bytes
        self.type = Self.type(of: name)
        self.etag = "\"\(Self.hash(bytes))\""
    }

    /// 200 with the file, or 304 when the client has it (RFC 9110 section 13.1.2).
    func reply(ifNoneMatch: String?) -> Reply {
        var headers: HTTPFields = [.eTag: etag, .cacheControl: "no-cache"]
        if let ifNoneMatch, matches(ifNoneMatch) { return Reply(.notModified, headers: headers) }
        headers[.contentSecurityPolicy] = Self.policy
        return .bytes(bytes, type: type, headers: headers)
    }

    private func matches(_ list: String) -> Bool {
        list == "*"
            || list.split(separator: ",").contains { entry in
                let tag = entry.trimmingCharacters(in: .whitespaces)
                return (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag) == etag
            }
    }

    private static let policy = [
        "default-src 'self'", "img-src 'self' data: blob:", "media-src 'self' blob:", "connect-src 'self' ws: wss:",
        "style-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'self'",
    ].joined(separator: "; ")

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last.map({ $0.lowercased() }) {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map": "application/json"
        case "webmanifest": "application/manifest+json"
        case "txt": "text/plain; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "avif": "image/avif"
        case "gif": "image/gif"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "mp4": "video/mp4"
        default: "application/octet-stream"
        }
    }

    /// FNV-1a from two starting points, and the length.
    private static func hash(_ bytes: Data) -> String {
        var first: UInt64 = 0xcbf2_9ce4_8422_2325
        var second: UInt64 = 0x6c62_272e_07bb_0142
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(~byte)) &* 0x100_0000_01b3
        }
        return String(first, radix: 16) + String(second, radix: 16) + "-" + String(bytes.count, radix: 16)
    }
}
