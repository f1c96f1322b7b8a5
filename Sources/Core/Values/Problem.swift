/// A refusal or failure as the client sees it: `application/problem+json` (RFC 9457) with a stable `code`.
///
/// Throw it from anywhere; the web server and the sockets turn it into their own form. `detail` is read by people
/// and may change, `code` is read by programs and never does.
public struct Problem: Error, Sendable, Equatable {
    /// The HTTP status code, 400 to 599.
    public var status: Int
    /// The stable machine-readable name, snake_case.
    public var code: String
    /// One sentence for a person. Never holds secrets or values of other callers.
    public var detail: String
    /// Extra members of the problem object, e.g. `expectedOffset`.
    public var members: [String: JSONValue]
    /// Extra response headers, e.g. `Retry-After`.
    public var headers: [String: String]

    /// A problem; see the properties of the same names.
    public init(
        _ status: Int, _ code: String, _ detail: String,
        members: [String: JSONValue] = [:], headers: [String: String] = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.members = members
        self.headers = headers
    }
}

extension Problem {
    /// 400: the request itself is malformed.
    public static func badRequest(_ code: String, _ detail: String) -> Problem { Problem(400, code, detail) }

    /// 401: nobody is signed in, or the token is not valid (any more).
    public static func unauthorized(_ detail: String = "Sign in first.", code: String = "unauthorized") -> Problem {
        Problem(401, code, detail, headers: ["WWW-Authenticate": "Bearer"])
    }

    /// 403: the caller may know the resource, but not do this with it.
    public static func forbidden(_ detail: String, code: String = "forbidden") -> Problem { Problem(403, code, detail) }

    /// 404: there is no such thing, or the caller may not know of it.
    public static func notFound(_ what: String) -> Problem { Problem(404, "not_found", "There is no such \(what).") }

    /// 409: the request collides with the current state.
    public static func conflict(_ code: String, _ detail: String) -> Problem { Problem(409, code, detail) }

    /// 413: the body or the file is larger than accepted.
    public static func tooLarge(_ detail: String, code: String = "too_large") -> Problem { Problem(413, code, detail) }

    /// 422: well-formed, but a value breaks a rule. `field` is a JSON pointer.
    public static func invalid(_ field: String, _ detail: String) -> Problem {
        Problem(422, "invalid_field", detail, members: ["field": .string(field)])
    }

    /// 429: too many attempts; `after` goes into `Retry-After`, whole seconds.
    public static func tooMany(retryAfter after: Duration) -> Problem {
        let seconds = max(1, (after.milliseconds + 999) / 1000)
        return Problem(
            429, "too_many_requests", "Too many attempts; try again in \(seconds) s.",
            members: ["retryAfter": .integer(seconds)], headers: ["Retry-After": String(seconds)])
    }

    /// 500: our own fault. The cause goes to the log, not to the client.
    public static let internalError = Problem(500, "internal_error", "Something went wrong on our side.")

    /// 503: the database is not there, or has too much to do.
    public static let databaseUnavailable = unavailable(
        "database_unavailable", "The database is busy or cannot be reached right now. Try again.")

    /// 503: not now, but soon.
    public static func unavailable(_ code: String, _ detail: String, retryAfter seconds: Int = 1) -> Problem {
        Problem(503, code, detail, headers: ["Retry-After": String(seconds)])
    }
}
