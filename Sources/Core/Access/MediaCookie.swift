/// The media token as a cookie (RFC 6265), one for each session: sent by browsers with every request for media, and with nothing
/// else; and not at all from pages of other sites.
public enum MediaCookie {
    /// Of so many sessions a browser's cookies are looked at, those that it got last.
    public static let most = 16

    private static let prefix = "lumiere-media-"
    /// Bytes of a `Cookie` field that are read.
    private static let longest = 16 * 1024

    /// The value of a `Set-Cookie` field.
    /// - Parameters:
    ///   - isSecure: whether the client came by https: the browser then never sends it by anything else.
    public static func setting(
        _ token: String, of session: SessionID, until end: Timestamp, now: Timestamp, isSecure: Bool
    ) -> String {
        let seconds = max(0, (end - now).milliseconds / 1000)
        let secure = isSecure ? "; Secure" : ""
        return "\(prefix)\(session)=\(token); Path=/media; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(secure)"
    }

    /// The media tokens in a `Cookie` field, checked by nobody yet. Cookies of one path are sent in the order in which they were
    /// set (section 5.4), so the last ones are the latest.
    public static func tokens(in field: String?) -> [String] {
        guard let field, field.utf8.count <= longest, field.contains(prefix) else { return [] }
        let tokens = field.split(separator: ";").compactMap { pair -> String? in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].drop(while: { $0 == " " }).hasPrefix(prefix) else { return nil }
            return String(parts[1])
        }
        return Array(tokens.suffix(most))
    }
}
