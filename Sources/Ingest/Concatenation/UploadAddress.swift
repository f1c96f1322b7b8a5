import Core
import Foundation

/// The URLs of uploads.
enum UploadAddress {
    static let collection = "/api/uploads"

    /// - Parameter baseURL: scheme and authority under which the client reached us, perhaps with a path.
    static func url(of id: UploadID, baseURL: String) -> String { "\(baseURL)\(collection)/\(id)" }

    /// Which upload a URL names; relative ones are resolved against the collection's (RFC 3986 section 5).
    /// - Returns: `nil` for anything else, also on another server.
    static func id(_ text: String, baseURL: String) -> UploadID? {
        guard text.utf8.count <= 1024, let base = URL(string: baseURL + collection),
            let url = URL(string: text, relativeTo: base)?.standardized
        else { return nil }
        let isPlain = url.query == nil && url.fragment == nil && url.user == nil && !url.hasDirectoryPath
        guard isPlain, origin(url) == origin(base) else { return nil }
        // A base with a path of its own may be left out by clients that know the path alone.
        for folder in [base.path, collection] where url.path.hasPrefix(folder + "/") {
            return UploadID(String(url.path.dropFirst(folder.count + 1)))
        }
        return nil
    }

    private static func origin(_ url: URL) -> String {
        let scheme = url.scheme?.lowercased() ?? ""
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        return "\(scheme)://\(url.host?.lowercased() ?? ""):\(port)"
    }
}
