/// What a `Range` header asks of a representation (RFC 9110 section 14.2), as a pure decision.
public enum ByteRange: Sendable, Equatable {
    /// Answer 200 with everything: no header, an unknown unit, or a list that is malformed or longer than anybody needs, which a
    /// server may ignore.
    case full
    /// Answer 206 with those bytes.
    case partial(Range<Int64>)
    /// Answer 206 with those parts (section 14.6), at least two and in this order; between any two of them lie more than
    /// `joinedGap` bytes.
    case several([Range<Int64>])
    /// Answer 416 with `Content-Range: bytes */size`.
    case unsatisfiable

    /// The longest header worth reading, in bytes.
    public static let longestHeader = 1024
    /// The most ranges worth reading.
    public static let mostRanges = 32
    /// Two ranges with as many bytes between them, or fewer, are sent as one: the head of a part takes as much (section 15.3.7.2).
    public static let joinedGap: Int64 = 128

    /// Evaluates a header against a representation: in time and memory that the header's length bounds, and
    /// `longestHeader` that.
    /// - Parameters:
    ///   - header: of fields on several lines, all values joined by commas, which makes them malformed.
    ///   - size: bytes of the whole representation.
    public static func evaluate(_ header: String?, size: Int64) -> ByteRange {
        guard let header, header.utf8.count <= longestHeader, let members = members(of: header) else { return .full }
        var count = 0
        var first: Range<Int64>?
        var others: [Range<Int64>] = []
        for member in members {
            count += 1
            guard count <= mostRanges else { return .full }
            switch Spec(member, size: size) {
            case .malformed: return .full
            case .outside: continue
            case .inside(let range): if first == nil { first = range } else { others.append(range) }
            }
        }
        guard count > 0 else { return .full }
        guard let first else { return .unsatisfiable }
        return others.isEmpty ? .partial(first) : joined([first] + others)
    }

    /// What comes after `bytes=`, whose letters may be of either case; `nil` for other units.
    private static func members(of header: String) -> ListMembers? {
        let unit = header.utf8.prefix(5)
        guard unit.elementsEqual("bytes".utf8, by: { $0 | 0x20 == $1 }) else { return nil }
        let rest = header.utf8.dropFirst(5)
        return rest.first == UInt8(ascii: "=") ? ListMembers(rest.dropFirst()) : nil
    }

    /// Joins what overlaps or nearly touches. What is left is in the order in which it was asked for; what was joined, at the
    /// place of the first of it.
    private static func joined(_ asked: [Range<Int64>]) -> ByteRange {
        var parts: [(range: Range<Int64>, place: Int)] = []
        for (place, range) in asked.enumerated().sorted(by: { $0.element.lowerBound < $1.element.lowerBound }) {
            if let last = parts.last, range.lowerBound - last.range.upperBound <= joinedGap {
                let end = max(last.range.upperBound, range.upperBound)
                parts[parts.count - 1] = (last.range.lowerBound..<end, min(last.place, place))
            } else {
                parts.append((range, place))
            }
        }
        if parts.count == 1 { return .partial(parts[0].range) }
        return .several(parts.sorted { $0.place < $1.place }.map(\.range))
    }

    /// One member of the list.
    private enum Spec {
        case malformed
        /// Satisfied by no byte of the representation.
        case outside
        case inside(Range<Int64>)

        init(_ text: Substring.UTF8View, size: Int64) {
            self = .malformed
            guard let dash = text.firstIndex(of: UInt8(ascii: "-")) else { return }
            let (before, after) = (text[..<dash], text[text.index(after: dash)...])
            if before.isEmpty {
                guard let length = position(after) else { return }
                self = length == 0 || size == 0 ? .outside : .inside(max(0, size - length)..<size)
            } else {
                guard let first = position(before), let last = after.isEmpty ? .max - 1 : position(after), last >= first else { return }
                self = first < size ? .inside(first..<(min(last, size - 1) + 1)) : .outside
            }
        }
    }

    /// Digits as a number, capped where it would overflow; `nil` for anything else.
    private static func position(_ digits: Substring.UTF8View) -> Int64? {
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            let (tens, isTooMany) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooMuch) = tens.addingReportingOverflow(Int64(digit - 48))
            value = isTooMany || isTooMuch ? .max - 1 : sum
        }
        return value
    }
}

/// The members of a comma-separated list without the blanks around them; empty ones are passed over (RFC 9110
/// section 5.6.1.2).
struct ListMembers: Sequence, IteratorProtocol {
    private var rest: Substring.UTF8View

    init(_ list: Substring.UTF8View) { rest = list }

    mutating func next() -> Substring.UTF8View? {
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
            let member = rest[..<end].trimmed
            rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
            if !member.isEmpty { return member }
        }
        return nil
    }
}

extension Substring.UTF8View {
    /// Without spaces and tabs at both ends.
    var trimmed: Substring.UTF8View {
        var view = drop(while: \.isBlank)
        while let last = view.last, last.isBlank { view.removeLast() }
        return view
    }
}

extension UInt8 {
    /// Whether it is optional whitespace (RFC 9110 section 5.6.3).
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}
