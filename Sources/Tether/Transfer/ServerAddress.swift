import Foundation

/// Where a Lumiere server is.
public struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
    private let root: URL

    /// The normal form: scheme and host in lower case, no slash at the end.
    public let description: String

    /// - Returns: `nil` unless it is an `http` or `https` URL without query, fragment and password.
    public init?(_ text: String) {
        guard var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            ["http", "https"].contains(scheme), !host.isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil,
            parts.password == nil
        else { return nil }
        parts.scheme = scheme
        parts.host = host.lowercased()
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        guard let root = parts.url else { return nil }
        self.root = root
        description = root.absoluteString
    }

    /// Where uploads are created.
    var uploads: String { description + "/api/uploads" }

    /// The URL of an upload that the server has named.
    ///
    /// The key never goes to another host: a server that calls itself otherwise (by its public name, while the camera's
    /// network knows its address) is asked under the name that was given here.
    func upload(_ location: String) -> String? {
        guard location.utf8.count <= 2048, let url = URL(string: location, relativeTo: URL(string: uploads))?.absoluteURL,
            var parts = URLComponents(url: url, resolvingAgainstBaseURL: true), !parts.path.isEmpty,
            let own = URLComponents(url: root, resolvingAgainstBaseURL: true)
        else { return nil }
        (parts.scheme, parts.host, parts.port, parts.user, parts.password) = (own.scheme, own.host, own.port, nil, nil)
        parts.fragment = nil
        return parts.url?.absoluteString
    }
}
