import Core

/// An XMP sidecar (ISO 16684-1): stars, label and description, as programs for photographers read them beside a file.
struct Sidecar: Sendable {
    let choice: Choice

    /// A photo that was chosen without stars has one, so that it can be told from those that were not chosen.
    private var rating: Int { max(choice.rating, 1) }

    /// The label's English name, which is what Lightroom and Capture One write.
    private var label: String? { choice.colour.map { $0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst() } }

    /// The document in UTF-8.
    var bytes: [UInt8] {
        let label = label.map { " xmp:Label=\"\($0)\"" } ?? ""
        let note = choice.note.isEmpty
            ? ""
            : """

                  <dc:description><rdf:Alt><rdf:li xml:lang="x-default">\(Self.escaped(choice.note))</rdf:li></rdf:Alt></dc:description>
            """
        return Array(
            """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
              <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" \
            xmp:Rating="\(rating)"\(label)>\(note)
                </rdf:Description>
              </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="w"?>

            """.utf8)
    }

    /// Text as it may stand in XML 1.0 (sections 2.2 and 2.4); what may not stand there at all is left out.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
