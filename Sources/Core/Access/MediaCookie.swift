/// The media token as a cookie (RFC 6265), one for each session: sent by browsers with every request for media, and with nothing
/// else; and not at all from pages of other sites.
public enum MediaCookie {
    /// Of so many sessions a browser's cookies are looked at, besides that of the file's.
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

    /// The value of a `Set-Cookie` field that removes it.
    public static func removal(of session: SessionID, isSecure: Bool) -> String {
        let now = Timestamp(milliseconds: 0)
        return setting("", of: session, until: now, now: now, isSecure: isSecure)
    }

    /// The media tokens in a `Cookie` field, checked by nobody yet: the last ones of it, which are those of the sessions that the
    /// browser entered last (section 5.4) for the first time.
    public static func tokens(in field: String?) -> [String] { pairs(in: field).suffix(most).map(\.token) }

    /// Those before the ones that `tokens` has, at which nobody has looked either.
    public static func furtherTokens(in field: String?) -> [String] { pairs(in: field).dropLast(most).map(\.token) }

    /// The token of one session, wherever it stands in the field.
    public static func token(in field: String?, of session: SessionID) -> String? {
        let name = "\(prefix)\(session)"
        return pairs(in: field).last { $0.name == name }?.token
    }

    private static func pairs(in field: String?) -> [(name: Substring, token: String)] {
        guard let field, field.utf8.count <= longest, field.contains(prefix) else { return [] }
        return field.split(separator: ";").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let name = parts[0].drop { $0 == " " }
            return name.hasPrefix(prefix) ? (name, String(parts[1])) : nil
        }
    }
}
