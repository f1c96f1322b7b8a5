import Core
import Foundation

/// Where Redis is and who we are to it, as one line of configuration:
///
/// - `redis://[user[:password]@]host[:6379][/db]`, and `rediss://` for TLS;
/// - `redis+sentinel://[user[:password]@]host[:26379],host[:26379],.../master-name[/db]`, and `rediss+sentinel://`. The
///   credentials are the master's; `?sentinelPassword=...` is for the sentinels.
///
/// Special characters in names and passwords are percent-encoded; IPv6 addresses stand in brackets.
public struct RedisURL: Sendable, Equatable {
    /// A server's address.
    public struct Host: Sendable, Hashable {
        public var name: String
        public var port: Int

        public init(name: String, port: Int) {
            self.name = name
            self.port = port
        }
    }

    /// Who knows where the master is.
    public enum Location: Sendable, Equatable {
        case server(Host)
        case sentinels([Host], master: String, password: Secret?)
    }

    public var location: Location
    public var isTLS: Bool
    public var user: String?
    public var password: Secret?
    public var database: Int

    /// It is none of the forms. The text names the part, never its content.
    public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// - Throws: `Malformed`.
    public init(_ text: String) throws {
        let (scheme, afterScheme) = try Self.split(text, at: "://", or: "the scheme is missing")
        guard ["redis", "rediss", "redis+sentinel", "rediss+sentinel"].contains(scheme) else {
            throw Malformed(description: "the scheme is none of redis, rediss, redis+sentinel, rediss+sentinel")
        }
        let isSentinel = scheme.hasSuffix("+sentinel")
        let (beforeQuery, query) = Self.cut(afterScheme, at: "?")
        let (authority, path) = Self.cut(beforeQuery, at: "/")
        let (credentials, hosts) = Self.credentials(authority)
        let segments = (path ?? "").split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        isTLS = scheme.hasPrefix("rediss")
        (user, password) = try Self.login(credentials)
        if isSentinel {
            guard let master = segments.first.flatMap(\.removingPercentEncoding), segments.count <= 2 else {
                throw Malformed(description: "the master's name is missing")
            }
            location = .sentinels(
                try hosts.split(separator: ",").map { try Self.host(String($0), 26379) }, master: master,
                password: try Self.sentinelPassword(query))
            database = try Self.database(segments.dropFirst().first)
            guard !hosts.isEmpty else { throw Malformed(description: "no sentinel is named") }
        } else {
            guard segments.count <= 1, query == nil else { throw Malformed(description: "there is more than a database number") }
            location = .server(try Self.host(hosts, 6379))
            database = try Self.database(segments.first)
        }
    }
}

// MARK: Parts

extension RedisURL {
    private static func split(_ text: String, at mark: String, or problem: String) throws -> (String, String) {
        guard let range = text.range(of: mark) else { throw Malformed(description: problem) }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    private static func cut(_ text: String, at mark: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }

    private static func credentials(_ authority: String) -> (String?, String) {
        guard let index = authority.lastIndex(of: "@") else { return (nil, authority) }
        return (String(authority[..<index]), String(authority[authority.index(after: index)...]))
    }

    /// `:password` alone is the default user's.
    private static func login(_ text: String?) throws -> (String?, Secret?) {
        guard let text else { return (nil, nil) }
        let (user, password) = cut(text, at: ":")
        guard let user = user.removingPercentEncoding, let password = (password ?? "").removingPercentEncoding else {
            throw Malformed(description: "the credentials are not percent-encoded properly")
        }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : Secret(password))
    }

    private static func host(_ text: String, _ defaultPort: Int) throws -> Host {
        var (name, port) = (text, nil as String?)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw Malformed(description: "a bracket is not closed") }
            name = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw Malformed(description: "a port does not follow a colon") }
            port = rest.isEmpty ? nil : String(rest.dropFirst())
        } else {
            (name, port) = cut(text, at: ":")
        }
        guard !name.isEmpty else { throw Malformed(description: "a host is missing") }
        guard let port else { return Host(name: name, port: defaultPort) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw Malformed(description: "a port is not between 1 and 65535")
        }
        return Host(name: name, port: number)
    }

    private static func database(_ text: String?) throws -> Int {
        guard let text else { return 0 }
        guard let number = Int(text), (0...65535).contains(number) else {
            throw Malformed(description: "the database is not a number")
        }
        return number
    }

    private static func sentinelPassword(_ query: String?) throws -> Secret? {
        guard let query else { return nil }
        let (name, value) = cut(query, at: "=")
        guard name == "sentinelPassword", let password = value?.removingPercentEncoding, !password.isEmpty else {
            throw Malformed(description: "the only parameter is sentinelPassword")
        }
        return Secret(password)
    }
}
