import Core

/// What stopped an attempt.
enum Setback: Sendable, Equatable {
    /// The decoder said so.
    case refused(ProcessingFailure)
    /// The decoder died or broke the protocol. Only a proven one counts against the file: a decoder that cannot even
    /// start says nothing about it.
    case crashed(wasProven: Bool)
    case timedOut
    /// Storage, database or another part of the house failed.
    case ours
    /// Storage or database cannot be reached: the job waits, however long that takes.
    case away

    /// Whether a decoder was lost that the file must answer for.
    var costsDecoder: Bool {
        switch self {
        case .crashed(let wasProven): wasProven
        case .timedOut: true
        case .refused, .ours, .away: false
        }
    }
}

/// Decides what follows a setback; pure.
enum RetryPolicy {
    enum Verdict: Equatable {
        case retry(after: Duration)
        /// As if it had not been tried.
        case postpone(for: Duration)
        case final(ProcessingFailure)
    }

    /// Attempts of a job that its worker lived to see the end of.
    static let maxAttempts = 4
    /// Failures after which the decoder's own word or a time-out is believed.
    static let maxDoubtful = 2
    /// How often a worker may vanish in the middle of a job. A server that is killed or loses its power says nothing
    /// about the file, so it takes many; but a file that kills the server must not do so for ever.
    static let maxInterruptions = 20
    /// A second decoder lost to the same file is no accident.
    static let maxCrashes = 2

    /// - Parameters:
    ///   - attempt: the number of the attempt that ended, from 1.
    ///   - crashes: decoders that this file has cost, this one included.
    static func verdict(on setback: Setback, attempt: Int, crashes: Int) -> Verdict {
        if setback == .away { return .postpone(for: awayPause) }
        let isLast =
            switch setback {
            case .refused(let failure): finalCodes.contains(failure.code) || attempt >= maxDoubtful
            case .timedOut: crashes >= maxCrashes || attempt >= maxDoubtful
            case .crashed: crashes >= maxCrashes || attempt >= maxAttempts
            case .ours: attempt >= maxAttempts
            case .away: false
            }
        return isLast ? .final(failure(for: setback)) : .retry(after: pause(after: attempt))
    }

    /// Between two looks whether what was away has come back.
    static let awayPause = Duration.seconds(10)

    /// The time before the next attempt.
    static func pause(after attempt: Int) -> Duration {
        switch attempt {
        case ...1: .seconds(1)
        case 2: .seconds(5)
        default: .seconds(30)
        }
    }

    static func failure(for setback: Setback) -> ProcessingFailure {
        switch setback {
        case .refused(let failure): failure
        case .crashed: ProcessingFailure(code: "decoder_crashed", detail: "The file makes the decoder crash.")
        case .timedOut: ProcessingFailure(code: "timed_out", detail: "Decoding the file takes too long.")
        case .ours, .away: ProcessingFailure(code: "internal", detail: "The file could not be processed; try again later.")
        }
    }

    /// The end of a job after `maxInterruptions`.
    static let fatal = ProcessingFailure(
        code: "internal", detail: "The server stopped every time it worked on the file.")

    /// What would come out the same every time.
    private static let finalCodes: Set = ["unsupported_format", "damaged", "too_large"]
}
