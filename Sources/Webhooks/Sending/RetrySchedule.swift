import Core

/// What came of an attempt.
enum SendingOutcome: Sendable, Equatable {
    case answered(status: Int, retryAfter: Duration?)
    case failed(SendingFailure)
}

/// Decides what follows an attempt; pure.
enum RetrySchedule {
    enum Verdict: Sendable, Equatable {
        case delivered
        case retry(after: Duration)
        case givenUp
        /// The receiver wants nothing any more.
        case gone

        /// What it means when the webhook has got another URL meanwhile: the one that was asked is of no interest any more.
        var ofFormerURL: Verdict {
            switch self {
            case .delivered, .givenUp: self
            case .retry, .gone: .retry(after: .zero)
            }
        }
    }

    /// The times between attempts: one more attempt than there are.
    static let pauses: [Duration] = [
        .seconds(5), .seconds(60), .seconds(300), .seconds(1800), .seconds(7200), .seconds(28_800),
    ]
    /// Attempts that a message is worth.
    static let attempts = pauses.count + 1
    /// The most a receiver's `Retry-After` is listened to.
    static let longestPause = Duration.seconds(28_800)
    /// The share of a pause that chance adds, so that what failed together does not come back together.
    static let jitter = 0.2

    /// - Parameters:
    ///   - attempt: the number of the attempt that ended, from 1.
    ///   - chance: from 0 to 1.
    static func verdict(on outcome: SendingOutcome, attempt: Int, chance: Double) -> Verdict {
        var wanted = Duration.zero
        if case .answered(let status, let retryAfter) = outcome {
            if (200...299).contains(status) { return .delivered }
            if status == 410 { return .gone }
            wanted = min(retryAfter ?? .zero, longestPause)
        }
        guard attempt < attempts else { return .givenUp }
        let pause = max(pauses[max(1, attempt) - 1], wanted)
        return .retry(after: pause + pause * (jitter * chance))
    }

    /// Reads a `Retry-After` header (RFC 9110 section 10.2.3): seconds or a date.
    static func retryAfter(_ text: String?, now: Timestamp) -> Duration? {
        guard let text else { return nil }
        if let seconds = Int64(text) { return .seconds(max(0, min(seconds, 1 << 32))) }
        return HTTPDate.parse(text).map { max(.zero, $0 - now) }
    }
}
