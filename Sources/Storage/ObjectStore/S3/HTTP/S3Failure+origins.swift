import AsyncHTTPClient
import Core
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

extension S3Failure {
    /// Clocks that differ by less are not to blame for a refusal; servers allow 5 to 15 minutes.
    static let toleratedSkew = Duration.seconds(240)

    /// What an answer other than 2xx stands for.
    /// - Parameter ours: the time of our own clock.
    init(status: Int, code: String, headers: HTTPHeaders, ours: Timestamp, attempt: String) {
        self.attempt = attempt
        retryAfter = headers.first(name: "retry-after").flatMap { Int64($0) }.map { .seconds(max(0, $0)) }
        let skew = headers.first(name: "date").flatMap(HTTPDate.parse).map { $0 - ours } ?? .zero
        // The answer to a HEAD has no body to name the reason.
        let mayBeSkew = code == "RequestTimeTooSkewed" || code.isEmpty
        kind = status == 403 && mayBeSkew && abs(skew) > Self.toleratedSkew
            ? .skewed(skew) : .answered(status: status, code: code)
    }

    /// What an error of the HTTP client stands for; those that are none of the network's business stay as they are.
    static func adopting(_ error: any Error, attempt: String) -> any Error {
        switch error {
        case is S3Failure, is ObjectStoreError, is CancellationError: error
        case is NIOConnectionError: S3Failure(kind: .unreached, attempt: attempt)
        case let error as IOError where error.errnoCode == ECONNREFUSED: S3Failure(kind: .unreached, attempt: attempt)
        case is NIOTooManyBytesError: ObjectStoreError.system(EMSGSIZE, "\(attempt): answer too long")
        case let error as HTTPClientError: adopting(error, attempt)
        default: S3Failure(kind: .broken, attempt: attempt)
        }
    }

    private static func adopting(_ error: HTTPClientError, _ attempt: String) -> any Error {
        switch error {
        case .cancelled where Task.isCancelled: CancellationError()
        case .alreadyShutdown: ObjectStoreError.system(ECANCELED, "shut down")
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            S3Failure(kind: .unreached, attempt: attempt)
        default: S3Failure(kind: .broken, attempt: attempt)
        }
    }
}

private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
