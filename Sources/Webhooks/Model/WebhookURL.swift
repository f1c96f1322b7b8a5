import Core
import Foundation

/// Where a webhook's messages go: an absolute `http` or `https` URL in a form that every parser reads alike.
struct WebhookURL: Sendable, Equatable {
    /// Bytes of a URL.
    static let mostBytes = 2048

    /// Scheme and host in lower case, only ASCII, no user, no fragment.
    let text: String
    /// A name, or an address without brackets.
    let host: String
    let port: Int

    /// Whether the connection is encrypted.
    var isSecure: Bool { text.hasPrefix("https:") }
    /// Host and port as they are written: what the `Host` header says.
    var authority: String { String(rest.prefix { $0 != "/" }) }
    /// Path and query: what is asked for.
    var target: String { String(rest.drop { $0 != "/" }) }
    /// After the scheme; always with a path.
    private var rest: Substring { text.drop { $0 != ":" }.dropFirst(3) }

    /// The address, when the URL names one.
    var address: IPAddress? { IPAddress(host) }

    /// Checks what somebody wants.
    /// - Throws: `Problem` 422 for `/url`.
    init(_ text: String, within reach: NetworkReach) throws {
        let url = try Self(parsing: text)
        guard reach.permits(port: url.port) else { throw Self.refusal("must not use port \(url.port)") }
        if let address = url.address, !reach.permits(address) { throw Self.refusal("must point to a public address") }
        self = url
    }

    private init(parsing text: String) throws {
        guard text.utf8.count <= Self.mostBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }),
            var parts = URLComponents(string: text)
        else { throw Self.refusal("must be a URL of at most \(Self.mostBytes) ASCII characters") }
        guard let scheme = parts.scheme?.lowercased(), let standard = ["http": 80, "https": 443][scheme] else {
            throw Self.refusal("must begin with https:// or http://")
        }
        guard parts.user == nil, parts.password == nil, !text.prefix(while: { $0 != "?" }).contains("@") else {
            throw Self.refusal("must not hold a user name or password")
        }
        guard parts.fragment == nil else { throw Self.refusal("must not have a fragment") }
        let name = (parts.percentEncodedHost ?? "").lowercased()
        guard let host = Self.host(name), (1...65_535).contains(parts.port ?? standard) else {
            throw Self.refusal("must name a host")
        }
        parts.scheme = scheme
        parts.percentEncodedHost = name
        if parts.percentEncodedPath.isEmpty { parts.percentEncodedPath = "/" }
        // The client parses it again: it has to find the host that was checked.
        guard let whole = parts.string, Self.unbracketed(URL(string: whole)?.host() ?? "") == host else {
            throw Self.refusal("must name a host")
        }
        // Longer than what came, when characters had to be encoded; what is kept must be readable again.
        guard whole.utf8.count <= Self.mostBytes else { throw Self.refusal("must have at most \(Self.mostBytes) characters") }
        self.init(text: whole, host: host, port: parts.port ?? standard)
    }

    private init(text: String, host: String, port: Int) {
        self.text = text
        self.host = host
        self.port = port
    }

    /// The host without brackets; `nil` for what is neither a name nor an address.
    private static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return IPAddress(unbracketed(text)).flatMap { $0.isSixteen ? unbracketed(text) : nil }
        }
        let letters = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-._".utf8.contains($0) }
        return letters && (1...253).contains(text.utf8.count) && text.first != "." ? text : nil
    }

    private static func unbracketed(_ text: String) -> String {
        text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    }

    private static func refusal(_ rule: String) -> Problem { .invalid("/url", "url \(rule).") }
}

extension WebhookURL: SQLConvertible {
    var sqlValue: SQLValue { .text(text) }

    /// Reads back what was checked before.
    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let url = try? Self(parsing: text) else { return nil }
        self = url
    }
}
