import Core
import Glibc

/// Why a request did not do what it should have done. Holds nothing that a server could have put in to mislead a log.
struct S3Failure: Error, Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// An answer with this status and the error code of its body, if it has one.
        case answered(status: Int, code: String)
        /// The server's clock is ahead of ours by this much, and it minds.
        case skewed(Duration)
        /// No connection came about: the server has seen nothing of the request.
        case unreached
        /// The connection broke, or nothing came for too long: the request may have been carried out.
        case broken
        /// It was carried out, but the answer does not show that the server has what was sent.
        case unproven
    }

    let kind: Kind
    /// The method and what was tried, e.g. `PUT originals/...`.
    let attempt: String
    var retryAfter: Duration?

    /// Whether it may go better next time.
    var isTransient: Bool {
        switch kind {
        case .unreached, .broken, .skewed, .unproven: true
        case .answered(let status, let code):
            [408, 429, 500, 502, 503, 504].contains(status) || Self.transientCodes.contains(code)
        }
    }

    /// Whether it is certain that the server did not do what was asked.
    var wasNotCarriedOut: Bool {
        switch kind {
        case .unreached, .skewed: true
        case .broken, .unproven: false
        case .answered(let status, _): [429, 503].contains(status)
        }
    }

    /// What the callers of the store are told.
    func error(for key: ObjectKey?) -> ObjectStoreError {
        switch kind {
        case .unreached: .unavailable("\(attempt): no connection")
        case .broken: .unavailable("\(attempt): connection lost or too slow")
        case .unproven: .unavailable("\(attempt): what arrived may be something else")
        case .skewed(let offset): .system(EACCES, "\(attempt): clocks differ by \(offset.components.seconds) s")
        case .answered(let status, let code): answer(status, code, key)
        }
    }

    func hasCode(_ code: String) -> Bool {
        if case .answered(_, code) = kind { true } else { false }
    }

    func hasStatus(_ status: Int) -> Bool {
        if case .answered(status, _) = kind { true } else { false }
    }

    private func answer(_ status: Int, _ code: String, _ key: ObjectKey?) -> ObjectStoreError {
        let text = code.isEmpty ? "\(attempt): \(status)" : "\(attempt): \(status) \(code)"
        if status == 507 || Self.fullCodes.contains(code) { return .full }
        if isTransient { return .unavailable(text) }
        switch (status, code) {
        case (404, "NoSuchKey"), (404, ""), (404, "NotFound"): return key.map { .missing($0) } ?? .system(ENOENT, text)
        case (404, _): return .system(ENOENT, text)
        case (401, _), (403, _): return .system(EACCES, text)
        default: return .system(EPROTO, text)
        }
    }

    private static let transientCodes: Set = [
        "SlowDown", "RequestTimeout", "OperationAborted", "InternalError", "ServiceUnavailable",
    ]
    private static let fullCodes: Set = ["QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity"]
}
