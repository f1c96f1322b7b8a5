import Core

/// Whether the parts of a final upload can be put together.
enum UploadJoin: Sendable, Equatable {
    /// Some of them still grow.
    case waiting
    case ready([Upload], length: Int64)
    /// They never will; a stable code says why.
    case impossible(String)

    /// - Parameter parts: in their order; `nil` for one that is not known any more.
    init(_ parts: [Upload?], maxSize: Int64) {
        let known = parts.compactMap { $0 }
        guard !parts.isEmpty, known.count == parts.count, known.allSatisfy(Self.canBeWhole) else {
            self = .impossible(known.contains { $0.failure == BytesLost.code } ? BytesLost.code : "part_gone")
            return
        }
        let length = Self.length(of: known)
        if let length, length > maxSize {
            self = .impossible("too_large")
        } else if let length, known.allSatisfy({ $0.isWhole && $0.state != .receiving }) {
            self = .ready(known, length: length)
        } else {
            self = .waiting
        }
    }

    /// The bytes of an ended part stay until nobody waits for them any more.
    private static func canBeWhole(_ part: Upload) -> Bool {
        switch part.state {
        case .receiving, .kept: true
        case .expired, .terminated: part.isWhole && part.cleanup != .nothing
        case .joining, .completing, .completed, .failed: false
        }
    }

    /// Bytes of all together, once each one's length is known.
    static func length(of parts: [Upload?]) -> Int64? {
        var sum: Int64 = 0
        for part in parts {
            guard let length = part?.length else { return nil }
            let (next, isTooMuch) = sum.addingReportingOverflow(length)
            sum = isTooMuch ? .max : next
        }
        return sum
    }
}
