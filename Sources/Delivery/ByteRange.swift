/// What a `Range` header asks of a representation (RFC 9110 section 14.2), as a pure decision.
public enum ByteRange: Sendable, Equatable {
    /// Answer 200 with everything: no header, an unknown unit, a malformed list, or several ranges, which a server may ignore.
    case full
    /// Answer 206 with those bytes.
    case partial(Range<Int64>)
    /// Answer 416 with `Content-Range: bytes */size`.
    case unsatisfiable

    /// The longest header worth reading.
    private static let longestHeader = 256

    /// Evaluates a header against a representation.
    /// - Parameter size: bytes of the whole representation.
    public static func evaluate(_ header: String?, size: Int64) -> ByteRange {
        guard let header, header.utf8.count <= longestHeader else { return .full }
        let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return .full }
        let specs = parts[1].split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }.filter { !$0.isEmpty }
        guard specs.count == 1 else { return .full }
        return single(specs[0], size: size)
    }

    private static func single(_ spec: String, size: Int64) -> ByteRange {
        let ends = spec.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return .full }
        if ends[0].isEmpty { return suffix(ends[1], size: size) }
        guard let first = position(ends[0]) else { return .full }
        if ends[1].isEmpty { return first < size ? .partial(first..<size) : .unsatisfiable }
        guard let last = position(ends[1]), last >= first else { return .full }
        return first < size ? .partial(first..<(min(last, size - 1) + 1)) : .unsatisfiable
    }

    private static func suffix(_ digits: Substring, size: Int64) -> ByteRange {
        guard let length = position(digits) else { return .full }
        return length == 0 || size == 0 ? .unsatisfiable : .partial(max(0, size - length)..<size)
    }

    /// Digits as a number, capped where it would overflow; `nil` for anything else.
    private static func position(_ digits: Substring) -> Int64? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(digits) ?? .max - 1
    }
}
