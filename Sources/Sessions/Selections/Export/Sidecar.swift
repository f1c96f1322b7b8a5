import Core

/// An XMP sidecar (ISO 16684-1): stars, label and description, as programs for photographers read them beside a file.
struct Sidecar: Sendable {
    let choice: Choice

    /// A photo that was chosen without stars has one, so that it can be told from those that were not chosen.
    private var rating: Int { max(choice.rating, 1) }

    /// The label's English name, which is what Lightroom and Capture One write.
    private var label: String? { choice.colour.map { $0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst() } }

    /// The document in UTF-8.
    var bytes: [UInt8] { XMPSidecar(rating: rating, label: label, description: choice.note.isEmpty ? nil : choice.note).bytes }
}
