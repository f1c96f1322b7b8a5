import Core

/// Where a key's file lies below the root: two levels of folders are put in after the first segment, so that no folder
/// gets more than 256 folders however many objects there are. `originals/{uuid}` becomes `originals/ab/cd/{uuid}`.
enum DiskLayout {
    /// Unfinished copies; no key can collide with it, since no segment of a key starts with a dot.
    static let scratch = ".incoming"

    /// Path components below the root: folders, then the file.
    static func components(of key: ObjectKey) -> [String] {
        let segments = key.text.split(separator: "/").map(String.init)
        guard segments.count > 1 else { return segments }
        return [segments[0]] + fan(of: segments[1]) + segments[1...]
    }

    /// The key whose file lies there; `nil` when it is none of ours.
    static func key(of path: [String]) -> ObjectKey? {
        let segments = path.count > 3 ? [path[0]] + path[3...] : path
        guard let key = ObjectKey(segments.joined(separator: "/")), components(of: key) == path else { return nil }
        return key
    }

    /// How many leading folders many objects share and which are never removed.
    static func sharedFolders(of key: ObjectKey) -> Int { key.text.contains("/") ? 3 : 0 }

    /// A UUIDv7 begins with the time, which would put a whole event into one folder; its end is random.
    private static func fan(of segment: String) -> [String] {
        let tail = segment.utf8.count == 36 && segment.utf8.suffix(4).allSatisfy(isHex)
            ? String(segment.suffix(4)) : hash(segment)
        return [String(tail.prefix(2)), String(tail.suffix(2))]
    }

    private static func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte) }

    /// FNV-1a, folded to 16 bits, as four hex digits.
    private static func hash(_ text: String) -> String {
        let full = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String((full >> 16) ^ (full & 0xFFFF), radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
