import Core
public import Foundation

/// An XMP sidecar (ISO 16684-1) of a photo: stars, title, caption and keywords, as programs for photographers read them beside a file.
public struct PhotoSidecar: Sendable {
    private let curation: CurationDocument

    /// - Returns: `nil` when there is nothing to tell.
    public init?(_ photo: PhotoDocument) {
        var curation = photo.curation
        let editorial = photo.facts?.editorial
        curation.title = curation.title ?? editorial?.title
        curation.caption = curation.caption ?? editorial?.caption
        if curation.tags.isEmpty { curation.tags = editorial?.keywords ?? [] }
        guard curation.rating > 0 || curation.title != nil || curation.caption != nil || !curation.tags.isEmpty else { return nil }
        self.curation = curation
    }

    /// The document in UTF-8.
    public var data: Data {
        let keywords = curation.tags.map { "<rdf:li>\(Self.escaped($0))</rdf:li>" }.joined()
        let subject = keywords.isEmpty ? "" : "\n      <dc:subject><rdf:Bag>\(keywords)</rdf:Bag></dc:subject>"
        return Data(
            """
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
              <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" \
            xmp:Rating="\(curation.rating)">\(text("title", curation.title))\(text("description", curation.caption))\(subject)
                </rdf:Description>
              </rdf:RDF>
            </x:xmpmeta>

            """.utf8)
    }

    /// A text that may be there in several languages, in none in particular.
    private func text(_ name: String, _ value: String?) -> String {
        value.map { "\n      <dc:\(name)><rdf:Alt><rdf:li xml:lang=\"x-default\">\(Self.escaped($0))</rdf:li></rdf:Alt></dc:\(name)>" } ?? ""
    }

    /// Text as it may stand in XML 1.0 (sections 2.2 and 2.4); what may not stand there at all is left out.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
