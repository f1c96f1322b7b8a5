import Core

/// What a file is by its name, in the order in which kinds are sent: guests see pictures at once, RAW files wait for them,
/// and films, which take long, come last.
public enum FileKind: Int, Sendable, Comparable, CaseIterable, SQLConvertible {
    case picture = 0
    case raw = 1
    /// Also whatever else was asked for by name.
    case film = 2

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The kind of a file of that name.
    init(name: String) { self = KnownTypes.byExtension[FileName.ending(name)]?.kind ?? .film }
}

/// Names of files.
enum FileName {
    /// What follows the last dot, in lower case; empty when there is none.
    static func ending(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// An absolute path without steps up, or in place.
    static func normal(_ path: String) -> String {
        var steps: [Substring] = []
        for step in path.split(separator: "/") where step != "." {
            if step == ".." { _ = steps.popLast() } else { steps.append(step) }
        }
        return "/" + steps.joined(separator: "/")
    }

    /// The last component of a path.
    static func last(_ path: String) -> String {
        String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }
}

/// What cameras write.
enum KnownTypes {
    struct Known: Sendable {
        var kind: FileKind
        var mediaType: String
    }

    /// The media type to declare for a file of that name.
    static func mediaType(_ name: String) -> String {
        byExtension[FileName.ending(name)]?.mediaType ?? "application/octet-stream"
    }

    static let byExtension: [String: Known] = Dictionary(
        uniqueKeysWithValues: table.flatMap { kind, type, endings in
            endings.split(separator: " ").map { (String($0), Known(kind: kind, mediaType: type)) }
        })

    private static let table: [(FileKind, String, String)] = [
        (.picture, "image/jpeg", "jpg jpeg jpe"), (.picture, "image/heic", "heic hif"), (.picture, "image/heif", "heif"),
        (.picture, "image/png", "png"), (.picture, "image/webp", "webp"), (.picture, "image/avif", "avif"),
        (.picture, "image/tiff", "tif tiff"), (.picture, "image/gif", "gif"),
        (.raw, "image/x-canon-cr2", "cr2"), (.raw, "image/x-canon-cr3", "cr3"), (.raw, "image/x-canon-crw", "crw"),
        (.raw, "image/x-nikon-nef", "nef nrw"), (.raw, "image/x-sony-arw", "arw sr2 srf"), (.raw, "image/x-fuji-raf", "raf"),
        (.raw, "image/x-panasonic-rw2", "rw2 rwl"), (.raw, "image/x-olympus-orf", "orf"), (.raw, "image/x-pentax-pef", "pef"),
        (.raw, "image/x-adobe-dng", "dng"), (.raw, "image/x-samsung-srw", "srw"), (.raw, "image/x-hasselblad-3fr", "3fr fff"),
        (.raw, "image/x-phaseone-iiq", "iiq"), (.raw, "image/x-epson-erf", "erf"), (.raw, "image/x-sigma-x3f", "x3f"),
        (.film, "video/mp4", "mp4 m4v"), (.film, "video/quicktime", "mov"), (.film, "video/webm", "webm"),
        (.film, "video/x-matroska", "mkv"), (.film, "video/x-msvideo", "avi"), (.film, "video/mp2t", "mts m2ts"),
        (.film, "video/3gpp", "3gp"), (.film, "video/mpeg", "mpg mpeg"),
    ]
}
