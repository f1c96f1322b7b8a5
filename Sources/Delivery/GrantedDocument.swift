import Core
import Foundation
import NIOCore

/// A playlist or track for somebody who came with a grant in the URL: players follow its relative URLs without the query
/// they began with, so each of them is given the grant, too. Who signs each request, by a bearer, gets it as it is stored.
struct GrantedDocument: Sendable {
    /// As the catalogue would describe it.
    let file: MediaFile
    let bytes: ByteBuffer

    /// - Returns: `nil` for what speaks of no other files.
    init?(_ stored: ByteBuffer, at path: MediaPath, _ file: MediaFile, grant: String) {
        guard case .rendition(_, let name, _, let format) = path,
            let document = MediaDocument(Array(stored.readableBytesView), name, format)
        else { return nil }
        bytes = ByteBuffer(string: document.text(query: "?grant=\(Self.encoded(grant))"))
        var described = file
        // Of a URL with that grant it is the only content; of the URL without, another.
        described.sha256 += "-granted"
        described.size = Int64(bytes.readableBytes)
        self.file = described
    }

    /// Whether there is anything to add a grant to.
    static func isAsked(_ path: MediaPath, _ file: MediaFile) -> Bool {
        guard case .rendition(_, _, _, let format) = path else { return false }
        return format.isDocument && file.size <= MediaDocument.maximumLength
    }

    /// With everything but unreserved characters escaped (RFC 3986 section 2.3): a grant may not end a line or an attribute.
    private static func encoded(_ grant: String) -> String {
        let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return grant.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
