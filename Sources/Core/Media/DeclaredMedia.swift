import Foundation

/// What a file's name and declared type say it is, before anybody has looked at it. Pure.
public enum DeclaredMedia {
    /// The media type by the name's extension, else by what the sender declared.
    /// - Returns: one of ours, never the sender's text; `nil` when they say nothing.
    public static func type(name: String, declared: String) -> String? { type(name: name) ?? type(declared: declared) }

    /// The media type by the name's extension; `nil` when it is none, or one of nobody's.
    public static func type(name: String) -> String? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let suffix = name[name.index(after: dot)...].lowercased()
        return rows.first { $0.suffixes.contains(suffix) }?.type
    }

    /// The media type by a `Content-Type` or what stands for one; `nil` when it says nothing or is not known.
    public static func type(declared: String) -> String? {
        let plain = plain(declared)
        if let row = rows.first(where: { $0.type == plain || $0.aliases.contains(plain) }) { return row.type }
        // Nothing but raw files goes by such names.
        return plain.hasPrefix("image/x-") ? rawFile : nil
    }

    /// Whether a declared type, a plain one, tells nothing about a file. Programs that have not looked at it send what they
    /// send with everything: `curl --data-binary` that of a form, others plain text, or an `application/…` of their own.
    static func saysNothing(_ plain: String) -> Bool {
        if ["", "binary/octet-stream", "text/plain"].contains(plain) { return true }
        return plain.hasPrefix("application/") && type(declared: plain) == nil
    }

    /// A declared type in lower case, without parameters.
    public static func plain(_ declared: String) -> String {
        declared.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }

    /// A raw file of a family that has no name of its own here.
    static let rawFile = "image/x-raw"

    private static let rows: [(type: String, suffixes: [String], aliases: [String])] = [
        ("image/jpeg", ["jpg", "jpeg", "jpe"], ["image/jpg", "image/pjpeg"]),
        ("image/heic", ["heic", "hif"], ["image/heic-sequence"]),
        ("image/heif", ["heif"], ["image/heif-sequence"]),
        ("image/avif", ["avif"], ["image/avif-sequence"]),
        ("image/png", ["png"], ["image/x-png", "image/apng"]),
        ("image/webp", ["webp"], []),
        ("image/gif", ["gif"], []),
        ("image/tiff", ["tif", "tiff"], ["image/tif"]),
        ("image/x-adobe-dng", ["dng"], ["image/dng"]),
        ("image/x-canon-cr2", ["cr2"], []),
        ("image/x-canon-cr3", ["cr3"], []),
        ("image/x-canon-crw", ["crw"], []),
        ("image/x-nikon-nef", ["nef", "nrw"], []),
        ("image/x-sony-arw", ["arw", "sr2", "srf"], []),
        ("image/x-fuji-raf", ["raf"], []),
        ("image/x-olympus-orf", ["orf", "ori"], []),
        ("image/x-panasonic-rw2", ["rw2"], []),
        ("image/x-pentax-pef", ["pef"], []),
        ("image/x-samsung-srw", ["srw"], []),
        ("image/x-minolta-mrw", ["mrw"], []),
        ("image/x-sigma-x3f", ["x3f"], []),
        (rawFile, ["raw", "rwl", "iiq", "3fr", "fff", "erf", "mef", "mos", "kdc", "dcr", "gpr"], []),
        ("video/quicktime", ["mov", "qt"], []),
        ("video/mp4", ["mp4", "m4v", "3gp", "3g2"], ["video/x-m4v", "video/3gpp", "video/3gpp2", "application/mp4"]),
        ("video/webm", ["webm"], []),
        ("video/x-matroska", ["mkv"], ["video/matroska"]),
        // What is often sent by mistake, and never read here.
        ("image/svg+xml", ["svg", "svgz"], []),
        ("image/bmp", ["bmp"], ["image/x-ms-bmp"]),
        ("image/jp2", ["jp2", "j2k", "jpx"], []),
        ("image/jxl", ["jxl"], []),
        ("image/vnd.adobe.photoshop", ["psd", "psb"], ["image/x-photoshop"]),
        ("image/vnd.microsoft.icon", ["ico"], ["image/x-icon"]),
        ("video/x-msvideo", ["avi"], ["video/avi"]),
        ("video/mpeg", ["mpg", "mpeg", "mts", "m2ts"], ["video/mp2t"]),
        ("video/x-ms-wmv", ["wmv"], []),
        ("audio/mpeg", ["mp3"], []),
        ("audio/mp4", ["m4a"], []),
        ("audio/wav", ["wav"], ["audio/x-wav"]),
        ("application/pdf", ["pdf"], []),
        ("application/zip", ["zip"], ["application/x-zip-compressed"]),
        ("application/json", ["json"], []),
        ("application/rdf+xml", ["xmp"], []),
        ("application/xml", ["xml"], ["text/xml"]),
        ("application/xhtml+xml", ["xhtml"], []),
        ("text/javascript", ["js", "mjs"], ["application/javascript", "application/x-javascript", "application/ecmascript"]),
        ("text/html", ["html", "htm"], []),
        ("text/plain", ["txt"], []),
    ]
}
