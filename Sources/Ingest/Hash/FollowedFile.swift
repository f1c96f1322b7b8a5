/// How far one file is hashed, and what to do next: the decisions of `HashFollower`.
struct FollowedFile: Sendable {
    /// Bytes that one file gets before the next one's turn.
    static let slice: Int64 = 4 << 20

    struct Waiter: Sendable {
        var length: Int64
        var continuation: CheckedContinuation<ContentDigest, any Error>
    }

    enum Step: Sendable {
        /// Hash on, up to that many bytes in all; whether somebody waits for it.
        case read(path: String, ContentDigest, upTo: Int64, isAwaited: Bool)
        /// Tell who waits.
        case answer(Waiter, ContentDigest)
        case idle
    }

    private(set) var path: String
    private var digest = ContentDigest()
    /// How far there is something to read.
    private var target: Int64 = 0
    private var waiter: Waiter?
    /// A thread has the digest in its hands.
    private(set) var isReading = false
    /// How far that thread reads.
    private var end: Int64 = 0
    /// Where the file may be cut before long, and the digest of the bytes before, once it is there.
    private var mark: (length: Int64, digest: ContentDigest?)?
    /// What that thread brings is of no use: the file was cut under it.
    private var isVoid = false

    init(path: String) { self.path = path }

    var isIdle: Bool { !isReading && waiter == nil }

    /// The file has grown.
    mutating func advance(to length: Int64) -> Step {
        target = max(target, length)
        return isReading ? .idle : next()
    }

    /// Somebody wants the digest of the first `length` bytes.
    /// - Returns: with the step, who waited before and is not told any more.
    mutating func wait(_ waiter: Waiter, path: String) -> (Step, replaced: Waiter?) {
        let replaced = self.waiter
        self.waiter = waiter
        self.path = path
        return (advance(to: waiter.length), replaced)
    }

    /// A slice has been hashed.
    mutating func didRead(_ digest: ContentDigest) -> Step {
        if !isVoid { self.digest = digest }
        isReading = false
        isVoid = false
        return next()
    }

    /// A slice could not be read.
    /// - Returns: with the step, who is told so.
    mutating func didFail() -> (Step, Waiter?) {
        isReading = false
        if isVoid {
            isVoid = false
            return (next(), nil)
        }
        defer { waiter = nil }
        return (.idle, waiter)
    }

    /// The file may be cut back to `length` bytes before long: to know their digest then saves reading them again.
    mutating func mark(at length: Int64) { mark = (length, digest.count == length ? digest : nil) }

    /// The file was cut, and may have grown again with other bytes: nothing read beyond counts.
    mutating func cut(to length: Int64) -> Step {
        if digest.count > length {
            let marked = mark.flatMap { $0.length <= length ? $0.digest : nil }
            digest = marked ?? ContentDigest()
        }
        target = min(target, length)
        isVoid = isVoid || isReading && end > length
        return isReading ? .idle : next()
    }

    private mutating func next() -> Step {
        if let waiter {
            // Somebody asks for less than has been read: the file was cut back, begin again.
            if digest.count > waiter.length { digest = ContentDigest() }
            if digest.count == waiter.length {
                self.waiter = nil
                return .answer(waiter, digest)
            }
        }
        if let mark, mark.length == digest.count { self.mark = (mark.length, digest) }
        end = min(waiter?.length ?? target, digest.count + Self.slice)
        if let mark, digest.count < mark.length { end = min(end, mark.length) }
        guard digest.count < end else { return .idle }
        isReading = true
        return .read(path: path, digest, upTo: end, isAwaited: waiter != nil)
    }
}
