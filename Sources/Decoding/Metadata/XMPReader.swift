import Core

/// Reads what a photographer wrote from an XMP packet (ISO 16684-1): RDF with a few shapes, of which these are known:
/// a property as an attribute, as text, or as a list of texts.
struct XMPReader {
    /// What is found, apart from credits, which stand among the camera's fields.
    struct Content: Equatable {
        var editorial = MediaFacts.Editorial()
        var creator: String?
        var rights: String?
    }

    /// Bytes of a packet that are read: those of photos are some thousand long.
    private static let limit = 1 << 20
    /// Elements that may nest; deeper ones are looked over.
    private static let maximumDepth = 32
    private static let maximumEvents = 50_000

    private enum Property { case title, caption, subject, creator, rights, rating, headline }

    private var prefixes: [String: String] = [:]
    private var path: [String] = []
    /// The texts of a property, in the order of the file; those in the reader's own language come first.
    private var found: [Property: [String]] = [:]
    private var isDefaultLanguage = false

    /// - Returns: `nil` when the packet says none of it.
    static func read(_ packet: [UInt8]) -> Content? {
        var reader = XMPReader()
        var scanner = XMLScanner(Array(packet.prefix(limit)))
        for _ in 0..<maximumEvents {
            guard let event = scanner.next() else { break }
            reader.take(event)
        }
        let content = reader.content
        return content == Content() ? nil : content
    }

    private init() {}

    private mutating func take(_ event: XMLScanner.Event) {
        switch event {
        case .start(let name, let attributes, let isEmpty):
            declare(attributes)
            isDefaultLanguage = attributes.contains { $0.name == "xml:lang" && $0.value.lowercased() == "x-default" }
            // Properties stand as attributes on an `rdf:Description` alone.
            if local(name) == "Description" {
                for (name, value) in attributes { property(name).map { add(value, to: $0) } }
            }
            if !isEmpty, path.count < Self.maximumDepth { path.append(name) }
        case .end(let name):
            if let index = path.lastIndex(of: name) { path.removeSubrange(index...) }
        case .text(let text):
            guard let property = path.reversed().lazy.compactMap(property).first else { return }
            add(text, to: property)
        }
    }

    private mutating func declare(_ attributes: [(name: String, value: String)]) {
        for (name, value) in attributes where name.hasPrefix("xmlns:") && prefixes.count < 200 {
            prefixes[String(name.dropFirst(6))] = value
        }
    }

    private mutating func add(_ text: String, to property: Property) {
        guard let text = ExifText.clean(text, limit: property == .caption ? 2000 : 200) else { return }
        guard found[property, default: []].count < MediaFacts.Editorial.maximumKeywords else { return }
        if isDefaultLanguage { found[property, default: []].insert(text, at: 0) } else { found[property, default: []].append(text) }
    }

    private func local(_ name: String) -> Substring { name[(name.firstIndex(of: ":").map { name.index(after: $0) } ?? name.startIndex)...] }

    /// The property of that qualified name, whatever its prefix.
    private func property(_ name: String) -> Property? {
        guard let colon = name.firstIndex(of: ":"), let space = prefixes[String(name[..<colon])] else { return nil }
        switch (space, local(name)) {
        case ("http://purl.org/dc/elements/1.1/", "title"): return .title
        case ("http://purl.org/dc/elements/1.1/", "description"): return .caption
        case ("http://purl.org/dc/elements/1.1/", "subject"): return .subject
        case ("http://purl.org/dc/elements/1.1/", "creator"): return .creator
        case ("http://purl.org/dc/elements/1.1/", "rights"): return .rights
        case ("http://ns.adobe.com/xap/1.0/", "Rating"): return .rating
        case ("http://ns.adobe.com/photoshop/1.0/", "Headline"): return .headline
        default: return nil
        }
    }

    private var content: Content {
        var content = Content()
        content.editorial.title = found[.title]?.first ?? found[.headline]?.first
        content.editorial.caption = found[.caption]?.first
        content.editorial.keywords = found[.subject]
        // Some programs write stars as a number with a fraction.
        content.editorial.rating = found[.rating]?.first.flatMap(Double.init).flatMap { (-1...5).contains($0) ? Int($0) : nil }
        content.creator = found[.creator]?.first
        content.rights = found[.rights]?.first
        return content
    }
}
