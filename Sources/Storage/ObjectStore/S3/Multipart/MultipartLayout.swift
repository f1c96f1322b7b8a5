/// How a file of known size is cut into parts: at most 10 000 of one size, the last one smaller.
struct MultipartLayout: Sendable, Equatable {
    static let maxParts: Int64 = 10_000

    let size: Int64
    let partSize: Int64

    /// - Parameter preferred: bytes of a part, unless that would make too many.
    init(size: Int64, preferred: Int64) {
        self.size = size
        let needed = (size + Self.maxParts - 1) / Self.maxParts
        let mebibytes = (needed + (1 << 20) - 1) >> 20
        partSize = max(preferred, mebibytes << 20)
    }

    /// Parts are numbered from 1.
    var count: Int { max(1, Int((size + partSize - 1) / partSize)) }

    /// The bytes of a part.
    func range(of number: Int) -> Range<Int64> {
        let start = Int64(number - 1) * partSize
        return start..<min(size, start + partSize)
    }
}
