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

/// What a file's name, or else its declared type, says it is: before a decoder has looked at it, or in its place.
struct DeclaredFile: Equatable {
    let part: PhotoPart
    /// One of ours, never the sender's text.
    let contentType: String

    /// `nil` for what belongs to no pair.
    init?(filename: String, contentType: String) {
        let suffix = filename.lastIndex(of: ".").map { filename[filename.index(after: $0)...].lowercased() } ?? ""
        let declared = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard let row = Self.rows.first(where: { $0.suffixes.contains(suffix) }) ?? Self.rows.first(where: { $0.type == declared })
        else { return nil }
        self.part = row.part
        self.contentType = row.type
    }

    private static let rows: [(part: PhotoPart, type: String, suffixes: [String])] = [
        (.still, "image/jpeg", ["jpg", "jpeg", "jpe"]),
        (.still, "image/heic", ["heic", "hif"]),
        (.still, "image/heif", ["heif"]),
        (.still, "image/png", ["png"]),
        (.still, "image/tiff", ["tif", "tiff"]),
        (.raw, "image/x-adobe-dng", ["dng"]),
        (.raw, "image/x-canon-cr2", ["cr2"]),
        (.raw, "image/x-canon-cr3", ["cr3"]),
        (.raw, "image/x-canon-crw", ["crw"]),
        (.raw, "image/x-nikon-nef", ["nef", "nrw"]),
        (.raw, "image/x-sony-arw", ["arw", "sr2", "srf"]),
        (.raw, "image/x-fuji-raf", ["raf"]),
        (.raw, "image/x-olympus-orf", ["orf", "ori"]),
        (.raw, "image/x-panasonic-rw2", ["rw2"]),
        (.raw, "image/x-pentax-pef", ["pef"]),
        (.raw, "image/x-samsung-srw", ["srw"]),
        (.raw, "image/x-raw", ["raw", "rwl", "iiq", "3fr", "fff", "erf", "mef", "mos", "mrw", "x3f", "kdc", "dcr", "gpr"]),
        (.motion, "video/quicktime", ["mov"]),
        (.motion, "video/mp4", ["mp4", "m4v"]),
    ]
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
