import Core
import NIOCore

/// Cuts a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1) into its parts as it comes. Pure; it holds a chunk and
/// at most a header more, and copies no byte of a file but around the cuts.
struct MultipartParser: Sendable {
    enum Event: Sendable, Equatable {
        case part(MultipartHeader)
        /// Some bytes of the part; never empty.
        case bytes(ByteBuffer)
        case partEnd
        /// The last delimiter has come; what follows it means nothing.
        case end
    }

    static let maxParts = 512
    /// Bytes before the first part.
    static let maxPreamble = 4096
    /// Blanks after a delimiter (RFC 2046, transport-padding).
    private static let maxPadding = 64

    private enum State { case preamble, headers, body, finished }

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var parts = 0
    private var skipped = 0
    /// The first delimiter needs no line before it: its line break is put there.
    private var buffer = ByteBuffer(string: "\r\n")

    /// - Parameter contentType: of the request.
    /// - Throws: `Problem` 415 when it is another type, 400 `bad_multipart` when it has no proper boundary.
    init(contentType: String) throws(Problem) {
        let parameters = HeaderParameters(contentType)
        guard parameters.value == "multipart/form-data" else {
            throw Problem(415, "unsupported_content_type", "Send the files as multipart/form-data.")
        }
        guard let boundary = parameters["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (32...126).contains($0) })
        else { throw .multipart("it has no boundary") }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Takes the next chunk, when `next` had nothing more to say.
    mutating func append(_ chunk: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = chunk
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(chunk)
        }
    }

    /// What has come; `nil` when more has to come first.
    /// - Throws: `Problem` 400 `bad_multipart`.
    mutating func next() throws(Problem) -> Event? {
        switch state {
        case .preamble: try preamble()
        case .headers: try header()
        case .body: try body()
        case .finished: finished()
        }
    }

    private mutating func preamble() throws(Problem) -> Event? {
        let found = find()
        skipped += found.before
        guard skipped <= Self.maxPreamble else { throw .multipart("it does not begin with its boundary") }
        buffer.moveReaderIndex(forwardBy: found.before)
        guard let cut = found.cut else { return nil }
        if let end = try pass(cut) { return end }
        return try next()
    }

    private mutating func header() throws(Problem) -> Event? {
        let view = buffer.readableBytesView.prefix(MultipartHeader.maxLength + 4)
        var end = view.startIndex
        while let candidate = view[end...].firstIndex(of: 13) {
            if view[candidate...].starts(with: [13, 10, 13, 10]) {
                return try part(Array(view[..<candidate]), length: candidate - view.startIndex + 4)
            }
            end = candidate + 1
        }
        guard view.count <= MultipartHeader.maxLength else { throw .multipart("the header of a part is too large") }
        return nil
    }

    private mutating func part(_ block: [UInt8], length: Int) throws(Problem) -> Event {
        let header = try MultipartHeader(block)
        parts += 1
        guard parts <= Self.maxParts else { throw .multipart("it has more than \(Self.maxParts) parts") }
        // The line break before an empty part's end is the one that ends its header.
        buffer.moveReaderIndex(forwardBy: length - 2)
        isAtStart = true
        state = .body
        return .part(header)
    }

    /// Whether the buffer begins with the line break that ends a part's header.
    private var isAtStart = false

    private mutating func body() throws(Problem) -> Event? {
        let found = find()
        if isAtStart, found.cut == nil || found.before > 0 {
            // Not the delimiter's, or not known yet.
            if found.before < 2 { return nil }
            buffer.moveReaderIndex(forwardBy: 2)
            isAtStart = false
            return try body()
        }
        if found.before > 0, let bytes = buffer.readSlice(length: found.before) { return .bytes(bytes) }
        guard let cut = found.cut else { return nil }
        isAtStart = false
        _ = try pass(cut)
        return .partEnd
    }

    private mutating func finished() -> Event? {
        buffer.clear()
        return .end
    }

    /// Goes beyond a delimiter.
    /// - Returns: the end, if it was the last one.
    private mutating func pass(_ cut: Cut) throws(Problem) -> Event? {
        buffer.moveReaderIndex(forwardBy: cut.length)
        state = cut.isLast ? .finished : .headers
        return cut.isLast ? .end : nil
    }

    // MARK: Delimiters

    private struct Cut {
        var length: Int
        var isLast: Bool
    }

    private enum Match { case none, unknown, cut(Cut) }

    /// Finds the first delimiter.
    /// - Returns: how many bytes before it belong to nobody else; without a delimiter, those that can be of none.
    private func find() -> (before: Int, cut: Cut?) {
        buffer.withUnsafeReadableBytes { bytes in
            var offset = 0
            while let candidate = bytes[offset...].firstIndex(of: 13) {
                switch match(UnsafeRawBufferPointer(rebasing: bytes[candidate...])) {
                case .none: offset = candidate + 1
                case .unknown: return (candidate, nil)
                case .cut(let cut): return (candidate, cut)
                }
            }
            return (bytes.count, nil)
        }
    }

    /// Says whether bytes that begin with a line break are a delimiter. What only begins like one is not: a boundary within
    /// may be ours and something more.
    private func match(_ bytes: UnsafeRawBufferPointer) -> Match {
        for (index, byte) in delimiter.enumerated() {
            if index == bytes.count { return .unknown }
            if bytes[index] != byte { return .none }
        }
        var end = delimiter.count
        if bytes[min(end, bytes.count)...].prefix(2).elementsEqual([45, 45]) { return .cut(Cut(length: end + 2, isLast: true)) }
        while end < bytes.count, bytes[end] == 32 || bytes[end] == 9 {
            end += 1
            if end - delimiter.count > Self.maxPadding { return .none }
        }
        let rest = bytes[end...].prefix(2)
        if rest.elementsEqual([13, 10]) { return .cut(Cut(length: end + 2, isLast: false)) }
        if rest.isEmpty { return .unknown }
        let isPadded = end > delimiter.count
        return rest.count == 1 && (rest.first == 13 || (rest.first == 45 && !isPadded)) ? .unknown : .none
    }
}
