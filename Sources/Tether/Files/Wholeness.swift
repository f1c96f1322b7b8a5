/// Whether a file ends where its own format says it ends. A camera whose FTP transfer was cut leaves a closed file that is
/// only half a photo; the rest follows when it has found its way back.
enum Wholeness: Sendable, Equatable {
    /// All there, or a format that does not tell.
    case whole
    /// Something is missing for certain.
    case cut
    /// Something seems to be missing, but formats of this family are written in many ways.
    case doubtful

    /// Reads bytes at an offset, fewer at the end.
    typealias Reader = (_ offset: Int64, _ count: Int) throws -> [UInt8]

    /// Reads little: headers, and a JPEG's scan when something follows its end.
    init(size: Int64, read: @escaping Reader) throws {
        let head = try read(0, 16)
        self =
            if head.starts(with: [0xFF, 0xD8, 0xFF]) {
                try JPEGEnd.isThere(size, read) ? .whole : .cut
            } else if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
                try Self.walk(size, read, from: 8, until: ["IEND"], PNGChunk.self) ? .whole : .cut
            } else if head.starts(with: Array("RIFF".utf8)), head.count >= 8 {
                Int64(Bytes.little(head[4..<8])) + 8 <= size ? .whole : .cut
            } else if head.count >= 8, Self.boxes.contains(Bytes.text(head[4..<8])) {
                try Self.walk(size, read, from: 0, until: [], MediaBox.self) ? .whole : .cut
            } else if let order = TIFFExtent.order(head) {
                try TIFFExtent(size, order, read).isInside(head) ? .whole : .doubtful
            } else {
                .whole
            }
    }

    /// What a film, a HEIC or a CR3 may begin with.
    private static let boxes: Set<String> = ["ftyp", "moov", "mdat", "wide", "skip", "free", "pnot"]
    private static let maxParts = 100_000

    /// Steps from part to part.
    private static func walk<P: FilePart>(
        _ size: Int64, _ read: Reader, from start: Int64, until last: Set<String>, _ part: P.Type
    ) throws -> Bool {
        var offset = start
        var names: Set<String> = []
        for _ in 0..<maxParts where offset < size {
            guard let part = P(try read(offset, 16), rest: size - offset), part.length <= size - offset else { return false }
            names.insert(part.name)
            if last.contains(part.name) { return true }
            offset += part.length
        }
        return P.isComplete(names)
    }
}

/// A part of a file that says how long it is.
private protocol FilePart {
    var name: String { get }
    /// Bytes with its header, more than zero.
    var length: Int64 { get }
    init?(_ head: [UInt8], rest: Int64)
    /// Whether a file with these parts, all of them whole, lacks nothing.
    static func isComplete(_ names: Set<String>) -> Bool
}

private struct PNGChunk: FilePart {
    let name: String
    let length: Int64

    init?(_ head: [UInt8], rest: Int64) {
        guard head.count >= 8 else { return nil }
        name = Bytes.text(head[4..<8])
        length = Int64(Bytes.big(head[0..<4])) + 12
    }

    static func isComplete(_ names: Set<String>) -> Bool { names.contains("IEND") }
}

/// ISO 14496-12 section 4.2.
private struct MediaBox: FilePart {
    let name: String
    let length: Int64

    init?(_ head: [UInt8], rest: Int64) {
        guard head.count >= 8 else { return nil }
        name = Bytes.text(head[4..<8])
        switch Bytes.big(head[0..<4]) {
        case 0: length = rest
        case 1 where head.count >= 16: length = Int64(clamping: Bytes.big(head[8..<16]))
        case let size: length = Int64(size)
        }
        if length < 8 { return nil }
    }

    /// Recorders write the index last.
    static func isComplete(_ names: Set<String>) -> Bool { names.contains("moov") || names.contains("meta") }
}

/// Numbers and names in bytes.
enum Bytes {
    static func big(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    static func little(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
