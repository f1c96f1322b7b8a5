import Core
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// What a thrown error means: what the client is told, and whether anybody has to look into it.
struct Failure {
    enum Kind: Equatable {
        /// The client's doing, or as it should be.
        case expected
        /// The client is gone, or the server is stopping.
        case interrupted
        /// What the house leans on is away or busy: health says so, and each request's log line need not shout.
        case outage
        /// Ours: the cause belongs in the log.
        case fault
    }

    let kind: Kind
    let problem: Problem

    init(_ error: any Error) {
        switch error {
        case let problem as Problem: (kind, self.problem) = (Self.isFault(problem) ? .fault : .expected, problem)
        case let error as HTTPParserError where error != .invalidEOFState:
            (kind, problem) = (.expected, .badRequest("bad_request", "The body is not valid HTTP/1.1."))
        case is HTTPParserError, is CancellationError, is ChannelError, is NIOAsyncWriterError:
            (kind, problem) = (.interrupted, Self.interruption)
        case let error as IOError where Self.hangups.contains(error.errnoCode):
            (kind, problem) = (.interrupted, Self.interruption)
        case let error as DatabaseError where error.isTransient: (kind, problem) = (.outage, .databaseUnavailable)
        case ObjectStoreError.unavailable: (kind, problem) = (.outage, Self.storageOutage)
        case let error as any HTTPResponseError: (kind, problem) = (.expected, Self.problem(status: error.status.code))
        default: (kind, problem) = (.fault, .internalError)
        }
    }

    /// 503 is how the house says that it is busy or stopping; nobody has to look into that.
    private static func isFault(_ problem: Problem) -> Bool { problem.status >= 500 && problem.status != 503 }

    private static let interruption = Problem.unavailable("interrupted", "The request was interrupted.")
    private static let storageOutage = Problem.unavailable(
        "storage_unavailable", "The store of files cannot be reached right now. Try again.", retryAfter: 5)
    private static let hangups: Set<CInt> = [ECONNRESET, EPIPE, ETIMEDOUT, ENOTCONN]

    /// The framework's own refusals under our stable codes.
    private static func problem(status: Int) -> Problem {
        switch status {
        case 400: .badRequest("bad_request", "The request cannot be understood.")
        case 404: .notFound("page")
        case 413: .tooLarge("The body is too large.")
        case 415: Problem(415, "unsupported_media_type", "The media type of the body is not accepted here.")
        case 500...: .internalError
        default: Problem(status, "http_error", "The request was refused.")
        }
    }
}
