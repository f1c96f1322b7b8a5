public import Core
import Foundation

/// What a file is among those that a camera makes of one picture. The one that ranks highest is displayed.
public enum PhotoPart: String, Sendable, Codable, CaseIterable, SQLConvertible {
    /// What everybody can look at: JPEG, HEIC and the like.
    case still
    /// What the sensor saw.
    case raw
    /// The clip of a Live Photo or motion photo.
    case motion

    private var rank: Int {
        switch self {
        case .still: 0
        case .raw: 1
        case .motion: 2
        }
    }

    /// Whether this part is displayed when both are there.
    func outranks(_ other: PhotoPart) -> Bool {
        rank < other.rank
    }
}

/// What a file is among those of a picture, by its content as far as that is known, else by its name or declared type:
/// before a decoder has looked at it, or in its place.
struct DeclaredFile: Equatable {
    let part: PhotoPart
    /// One of ours, never the sender's text.
    let contentType: String

    /// `nil` for what belongs to no pair.
    init?(filename: String, contentType: String) {
        guard let type = DeclaredMedia.type(name: filename, declared: contentType) else { return nil }
        self.init(type: type)
    }

    /// The same of a known type.
    init?(type: String) {
        switch type {
        case "image/jpeg", "image/heic", "image/heif", "image/png", "image/tiff": part = .still
        case "video/quicktime", "video/mp4": part = .motion
        default:
            guard type.hasPrefix("image/x-") else { return nil }
            part = .raw
        }
        contentType = type
    }
}

/// The name that the files of one picture share: without folder and extension, in lower case and one Unicode form.
enum FileStem {
    /// `nil` when the name says nothing.
    static func of(_ filename: String) -> String? {
        let name = filename.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let plain = stem.precomposedStringWithCanonicalMapping.lowercased()
        return plain.isEmpty ? nil : plain
    }
}
