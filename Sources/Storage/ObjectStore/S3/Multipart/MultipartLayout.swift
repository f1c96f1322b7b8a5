/// How a file of known size is cut into parts: at most 10 000 of one size, the last one smaller. Long files get larger ones,
/// as each costs the server a request.
struct MultipartLayout: Sendable, Equatable {
    static let maxParts: Int64 = 10_000
    /// From this number of preferred parts on, they are larger.
    static let manyParts: Int64 = 16

    let size: Int64
    let partSize: Int64

    /// - Parameters:
    ///   - preferred: bytes of a part, unless that would make many.
    ///   - growth: times larger are parts when there would be many.
    ///   - parts: how many there may be.
    init(size: Int64, preferred: Int64, growth: Int64 = 4, parts: Int64 = maxParts) {
        self.size = size
        let needed = (size + parts - 1) / parts
        let mebibytes = (needed + (1 << 20) - 1) >> 20
        partSize = max(size >= Self.manyParts * preferred ? growth * preferred : preferred, mebibytes << 20)
    }

    /// Parts are numbered from 1.
    var count: Int { max(1, Int((size + partSize - 1) / partSize)) }

    /// The bytes of a part.
    func range(of number: Int) -> Range<Int64> {
        let start = Int64(number - 1) * partSize
        return start..<min(size, start + partSize)
    }
}
