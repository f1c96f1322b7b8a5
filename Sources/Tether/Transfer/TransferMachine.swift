import Core

/// What to ask of the server next, and what its answer means: tus 1.0.0 from a client's side, for one file.
///
/// Pure. Nothing a server says makes it ask for ever without a pause: who gets nowhere in a row of answers pauses.
struct TransferMachine: Sendable, Equatable {
    /// The next request.
    enum Step: Sendable, Equatable {
        case create
        case ask(url: String)
        case send(url: String, offset: Int64, count: Int64)
        /// Whether what was sent is what has been received.
        case confirm(url: String)
    }

    /// Whom a pause is for.
    enum Scope: Sendable, Equatable {
        /// All files, for the server is away or cannot work.
        case server
        /// All files, for the server asks it.
        case all
        case file
    }

    /// What an answer means.
    enum Verdict: Sendable, Equatable {
        /// Take the next step.
        case proceed
        /// Take the next step after a moment.
        case wait(Duration)
        /// What the server has received is not the file; what is known of its content may be wrong.
        case spoiled(String)
        /// The server has all of it; with `asDuplicate` it had it before.
        case complete(asDuplicate: Bool)
        /// Try again later.
        case pause(Scope, atLeast: Duration?, String)
        /// The server does not want this file.
        case refused(String)
        /// The session takes no files now, but may again.
        case closed(String)
        /// Nothing will be accepted until a person changes something.
        case stop(String)
    }

    let length: Int64
    private(set) var url: String?
    private(set) var offset: Int64
    /// The server has said in this run that the offset holds.
    private var isSure = false
    /// Answers in a row that led nowhere.
    private var strikes = 0
    /// Answers in a row that the server is not done with the file.
    private var waits = 0
    private var chunk = Self.maxChunk

    /// Bytes of a request: proxies have limits, and each answer confirms what it carried.
    static let maxChunk: Int64 = 64 << 20
    static let minChunk: Int64 = 256 << 10
    private static let maxStrikes = 6
    /// 3.1 seconds in all.
    private static let maxWaits = 5
    private static let firstWait: Duration = .milliseconds(100)

    /// - Parameter url: of the upload that an earlier run has begun.
    init(length: Int64, url: String? = nil, offset: Int64 = 0) {
        self.length = length
        self.url = url
        self.offset = url == nil ? 0 : offset
    }

    var step: Step {
        guard let url else { return .create }
        if !isSure { return .ask(url: url) }
        if offset == length { return .confirm(url: url) }
        return .send(url: url, offset: offset, count: min(chunk, length - offset))
    }

    /// Takes an answer to the current step.
    mutating func heard(_ heard: TusHeard) -> Verdict {
        switch heard {
        case .silence(let reason):
            isSure = false
            return .pause(.server, atLeast: nil, reason)
        case .reply(let reply):
            return (200..<300).contains(reply.status) ? succeeded(reply) : failed(reply)
        }
    }

    // MARK: Success

    private mutating func succeeded(_ reply: TusReply) -> Verdict {
        guard reply.isOurs else { return Self.stranger(reply) }
        switch step {
        case .create: return created(reply)
        case .ask: return reply.offset.map { stands(at: $0) } ?? confused("Its answer says no offset.")
        case .send(_, let from, let count):
            guard let now = reply.offset, now > from, now <= from + count else {
                isSure = false
                return confused("It has confirmed what was not sent.")
            }
            return stands(at: now)
        case .confirm: return reply.upload.map { received($0) } ?? Self.stranger(reply)
        }
    }

    private mutating func created(_ reply: TusReply) -> Verdict {
        guard let location = reply.location else { return Self.stranger(reply) }
        url = location
        offset = 0
        isSure = true
        guard let known = reply.offset, known > 0 else { return .proceed }
        // Content that the server has already needs no bytes.
        if known == length { offset = length }
        return known == length ? .complete(asDuplicate: true) : stands(at: known)
    }

    /// The server says how far the upload is.
    private mutating func stands(at now: Int64) -> Verdict {
        guard now <= length else { return begin("Its offset lies beyond the end.") }
        if now > offset { strikes = 0 }
        offset = now
        isSure = true
        return .proceed
    }

    /// The server says what it has made of all the bytes.
    private mutating func received(_ upload: TusReply.Upload) -> Verdict {
        switch upload.state {
        case "completed" where upload.offset == length: return .complete(asDuplicate: false)
        case "completed", "expired": return begin("The server has another file in its place.")
        case "failed":
            (url, offset, isSure) = (nil, 0, false)
            return .spoiled("The server has not received it as it is (\(upload.failure ?? "no reason given")).")
        case "receiving":
            isSure = false
            return confused("The server lacks a part of what it has confirmed.")
        // All bytes are safe and are being looked at, now or in the end.
        default:
            waits += 1
            guard waits <= Self.maxWaits else { return .pause(.file, atLeast: nil, "The server has not yet taken it in.") }
            return .wait(Self.firstWait * (1 << (waits - 1)))
        }
    }

    // MARK: Failure

    private mutating func failed(_ reply: TusReply) -> Verdict {
        let says = reply.detail ?? "It answers \(reply.status)."
        switch reply.status {
        case 408, 423, 425:
            isSure = false
            return .pause(.file, atLeast: reply.retryAfter ?? .seconds(1), says)
        case 429:
            isSure = false
            return .pause(.all, atLeast: reply.retryAfter, says)
        case 409 where step != .create:
            guard let now = reply.offset, now != offset else {
                isSure = false
                return confused(says)
            }
            let verdict = stands(at: now)
            return confused(says, else: verdict)
        case 460:
            isSure = false
            return confused(says)
        case 413 where !reply.isOurs && step != .create: return shrink(says)
        case 502...599:
            isSure = false
            return .pause(.server, atLeast: reply.retryAfter, says)
        case _ where !reply.isOurs: return Self.stranger(reply)
        case 404, 410: return step == .create ? .stop(says) : begin(says)
        case 401, 403: return .stop(says)
        case 409: return .closed(says)
        case 412: return .stop("It does not speak tus 1.0.0.")
        case 400 where step != .create: return again(says)
        case 413 where step != .create: return begin(says)
        case 400..<500: return .refused(says)
        default:
            isSure = false
            return .pause(.file, atLeast: reply.retryAfter, says)
        }
    }

    /// The upload is not (any more) what it was: begins a new one.
    private mutating func begin(_ reason: String) -> Verdict {
        (url, offset, isSure) = (nil, 0, false)
        return confused(reason)
    }

    /// A body that was cut short by something in between is no fault of the file; what arrived is kept.
    private mutating func again(_ reason: String) -> Verdict {
        isSure = false
        return confused(reason, else: .proceed, inTheEnd: .refused(reason))
    }

    /// Something before the server takes smaller requests only.
    private mutating func shrink(_ reason: String) -> Verdict {
        guard case .send(_, _, let count) = step, count > Self.minChunk else { return .refused(reason) }
        chunk = max(Self.minChunk, count / 4)
        isSure = false
        return .proceed
    }

    private mutating func confused(_ reason: String, else verdict: Verdict = .proceed, inTheEnd: Verdict? = nil) -> Verdict {
        strikes += 1
        guard strikes >= Self.maxStrikes else { return verdict }
        strikes = 0
        return inTheEnd ?? .pause(.file, atLeast: nil, reason)
    }

    private static func stranger(_ reply: TusReply) -> Verdict {
        let reason = "Something other than Lumiere answers (\(reply.status)): a proxy, or a sign-in page?"
        return .pause(.server, atLeast: reply.retryAfter, reason)
    }
}
