import Core
import Foundation
import HTTPTypes

/// A file of the web client, in memory.
struct WebFile: Sendable {
    let type: String
    private let plain: Form
    /// Nothing for what does not get smaller.
    private let compressed: Form?

    /// The file as it is sent.
    private struct Form {
        let bytes: Data
        /// Strong: of the content, which is trusted, so that a short hash without secrets does.
        let etag: String
        var coding: String?
    }

    init(name: String, bytes: Data) {
        type = Self.type(of: name)
        let hash = Self.hash(bytes)
        plain = Form(bytes: bytes, etag: "\"\(hash)\"")
        compressed = Gzip.member(of: bytes).map { Form(bytes: $0, etag: "\"\(hash)-gzip\"", coding: "gzip") }
    }

    /// 200 with the file, or 304 when the client has it (RFC 9110 section 13.1.2); compressed for who takes that (section 12.5.3).
    /// - Parameter isForEver: the path that was asked for will never lead to anything else (RFC 8246).
    func reply(ifNoneMatch: String?, acceptEncoding: String?, isForEver: Bool) -> Reply {
        let form = acceptEncoding.map(Self.takesGzip) == true ? compressed ?? plain : plain
        var headers: HTTPFields = [.eTag: form.etag, .cacheControl: isForEver ? "public, max-age=31536000, immutable" : "no-cache"]
        if compressed != nil { headers[.vary] = "Accept-Encoding" }
        if let ifNoneMatch, matches(ifNoneMatch, form.etag) { return Reply(.notModified, headers: headers) }
        headers[.contentSecurityPolicy] = Self.policy
        headers[.contentEncoding] = form.coding
        return .bytes(form.bytes, type: type, headers: headers)
    }

    /// Whether a list of codings names gzip, or any, with a weight above nothing; what names it counts for more than what names any.
    static func takesGzip(_ list: String) -> Bool {
        let weights = list.lowercased().split(separator: ",").map { entry in
            let parts = entry.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (coding: parts.first ?? "", weight: weight)
        }
        let named = weights.first { ["gzip", "x-gzip"].contains($0.coding) } ?? weights.first { $0.coding == "*" }
        return named.map { $0.weight > 0 } ?? false
    }

    private func matches(_ list: String, _ etag: String) -> Bool {
        list == "*"
            || list.split(separator: ",").contains { entry in
                let tag = entry.trimmingCharacters(in: .whitespaces)
                return (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag) == etag
            }
    }

    private static let policy = [
        "default-src 'self'", "img-src 'self' data: blob:", "media-src 'self' blob:", "connect-src 'self'",
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
    static func hash(_ bytes: Data) -> String {
        var first: UInt64 = 0xcbf2_9ce4_8422_2325
        var second: UInt64 = 0x6c62_272e_07bb_0142
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(~byte)) &* 0x100_0000_01b3
        }
        return String(first, radix: 16) + String(second, radix: 16) + "-" + String(bytes.count, radix: 16)
    }
}
