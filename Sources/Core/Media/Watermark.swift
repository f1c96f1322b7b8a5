/// What is laid over the pictures of a session: a line of text or a picture with transparency, at one place or all over.
public struct Watermark: Sendable, Hashable, Codable {
    /// Where the mark stands.
    public enum Place: String, Sendable, Codable, CaseIterable {
        case topLeft, top, topRight, left, centre, right, bottomLeft, bottom, bottomRight
        /// Everywhere, in rows.
        case tiled
    }

    /// What is written, in any script; `nil` when a picture is drawn.
    public var text: String?
    /// The SHA-256 of the PNG file to draw, lower-case hex; `nil` when text is written.
    public var picture: String?
    /// Where it stands.
    public var place: Place
    /// Percent, 1 to 100.
    public var opacity: Int
    /// The mark's width before it is turned, in percent of the picture's, 1 to 100; its height takes half the picture's at most.
    public var scale: Int
    /// The distance from the picture's edges, and between tiles, in percent of its short edge, 0 to 25.
    public var margin: Int
    /// Degrees clockwise, -180 to 180.
    public var rotation: Int
    /// Of text: `#rrggbb`.
    public var colour: String
    /// Whether a soft shadow keeps it legible on what has its own colour.
    public var shadow: Bool

    /// A mark; see the properties of the same names.
    public init(
        text: String? = nil, picture: String? = nil, place: Place = .bottomRight, opacity: Int = 70, scale: Int = 25,
        margin: Int = 3, rotation: Int = 0, colour: String = "#ffffff", shadow: Bool = true
    ) {
        self.text = text
        self.picture = picture
        self.place = place
        self.opacity = opacity
        self.scale = scale
        self.margin = margin
        self.rotation = rotation
        self.colour = colour
        self.shadow = shadow
    }

    /// Red, green and blue of `colour`; white when it is none.
    public var rgb: (red: UInt8, green: UInt8, blue: UInt8) {
        guard let number = Self.number(of: colour) else { return (255, 255, 255) }
        return (UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255))
    }

    private static func number(of colour: String) -> Int? {
        let digits = colour.dropFirst()
        guard colour.hasPrefix("#"), digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit) else { return nil }
        return Int(digits, radix: 16)
    }
}

extension Watermark {
    /// Unicode scalars of a text.
    public static let textLength = 1...120
    /// Lines of a text.
    public static let maximumLines = 4

    /// What is wrong with it, as the name of a member and a rule; `nil` when it can be drawn.
    public var fault: (member: String, rule: String)? {
        switch (text, picture) {
        case (nil, nil), (.some, .some): return ("text", "either text or picture must be given")
        case (let text?, nil): if let rule = Self.fault(of: text) { return ("text", rule) }
        case (nil, let picture?): if !Self.isDigest(picture) { return ("picture", "must be the SHA-256 of an uploaded picture") }
        }
        for (member, value, range) in [
            ("opacity", opacity, 1...100), ("scale", scale, 1...100), ("margin", margin, 0...25), ("rotation", rotation, -180...180),
        ] where !range.contains(value) {
            return (member, "must lie between \(range.lowerBound) and \(range.upperBound)")
        }
        return Self.number(of: colour) == nil ? ("colour", "must be a colour such as #ffffff") : nil
    }

    private static func fault(of text: String) -> String? {
        guard textLength.contains(text.unicodeScalars.count) else {
            return "must have \(textLength.lowerBound) to \(textLength.upperBound) characters"
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count <= maximumLines else { return "must have at most \(maximumLines) lines" }
        let scalars = text.unicodeScalars
        let unwanted: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        if scalars.contains(where: { unwanted.contains($0.properties.generalCategory) && $0 != "\n" }) {
            return "must not hold control characters"
        }
        return scalars.contains(where: isVisible) ? nil : "must hold something that can be seen"
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
            .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            // Hangul fillers count as letters and show nothing.
            !scalar.properties.isDefaultIgnorableCodePoint
        default: false
        }
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (97...102).contains($0) || (48...57).contains($0) }
    }
}

extension Watermark: WireType {
    public static let schema = Schema.object([
        .optional("text", .string(textLength), "What is written, in any script; at most four lines."),
        .optional("picture", .string(64...64), "In place of text: the `picture` of an uploaded PNG."),
        .optional("place", .oneOf(Place.allCases.map(\.rawValue)), "`bottomRight` unless said; `tiled` covers the picture."),
        .optional("opacity", .integer(1...100), "Percent; 70 unless said."),
        .optional("scale", .integer(1...100), "The mark's width in percent of the picture's; 25 unless said."),
        .optional("margin", .integer(0...25), "Distance from the edges in percent of the picture's short edge; 3 unless said."),
        .optional("rotation", .integer(-180...180), "Degrees clockwise; 0 unless said."),
        .optional("colour", .string(7...7), "Of text: `#rrggbb`, white unless said."),
        .optional("shadow", .boolean, "A soft shadow keeps it legible on its own colour; true unless said."),
    ])

    private enum CodingKeys: String, CodingKey {
        case text, picture, place, opacity, scale, margin, rotation, colour, shadow
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let usual = Watermark()
        self.init(
            text: try container.decodeIfPresent(String.self, forKey: .text),
            picture: try container.decodeIfPresent(String.self, forKey: .picture),
            place: try container.decodeIfPresent(Place.self, forKey: .place) ?? usual.place,
            opacity: try container.decodeIfPresent(Int.self, forKey: .opacity) ?? usual.opacity,
            scale: try container.decodeIfPresent(Int.self, forKey: .scale) ?? usual.scale,
            margin: try container.decodeIfPresent(Int.self, forKey: .margin) ?? usual.margin,
            rotation: try container.decodeIfPresent(Int.self, forKey: .rotation) ?? usual.rotation,
            colour: try container.decodeIfPresent(String.self, forKey: .colour) ?? usual.colour,
            shadow: try container.decodeIfPresent(Bool.self, forKey: .shadow) ?? usual.shadow)
    }
}
