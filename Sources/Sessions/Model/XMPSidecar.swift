/// An XMP sidecar (ISO 16684-1), as programs for photographers read it beside a file.
struct XMPSidecar: Sendable, Equatable {
    /// Stars, 0 to 5.
    var rating: Int
    /// The English name of a colour, which is what Lightroom and Capture One write.
    var label: String?
    var title: String?
    var description: String?
    var keywords: [String] = []

    /// The document in UTF-8.
    var bytes: [UInt8] {
        let label = label.map { " xmp:Label=\"\($0)\"" } ?? ""
        return Array(
            """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
              <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" \
            xmp:Rating="\(rating)"\(label)>\(text("title", title))\(text("description", description))\(subject)
                </rdf:Description>
              </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="w"?>

            """.utf8)
    }

    /// A text that may be there in several languages, in none in particular.
    private func text(_ name: String, _ value: String?) -> String {
        value.map { "\n      <dc:\(name)><rdf:Alt><rdf:li xml:lang=\"x-default\">\(Self.escaped($0))</rdf:li></rdf:Alt></dc:\(name)>" } ?? ""
    }

    private var subject: String {
        if keywords.isEmpty { return "" }
        return "\n      <dc:subject><rdf:Bag>\(keywords.map { "<rdf:li>\(Self.escaped($0))</rdf:li>" }.joined())</rdf:Bag></dc:subject>"
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
