import Core
import Foundation
import HTTPTypes
import NIOHTTP1

/// A problem as `application/problem+json` (RFC 9457 section 3).
struct ProblemDocument {
    let headers: HTTPFields
    let body: Data

    init(_ problem: Problem, requestID: String) {
        var members = problem.members
        // A problem of a registered type brings both along.
        if members["type"] == nil {
            members["type"] = "about:blank"
            members["title"] = .string(Self.title(of: problem.status))
        }
        members["status"] = .integer(Int64(problem.status))
        members["code"] = .string(problem.code)
        members["detail"] = .string(problem.detail)
        members["requestId"] = .string(requestID)
        var headers: HTTPFields = [.contentType: "application/problem+json", .requestID: requestID]
        for (name, value) in problem.headers { if let name = HTTPField.Name(name) { headers[name] = value } }
        self.headers = headers
        // A value of JSON types always encodes, but for a number that is not finite.
        self.body = (try? JSON.encode(members)) ?? Data()
    }

    /// The phrase of a status, which is the title of problems that have no type of their own (RFC 9457 section 4.2.1).
    static func title(of status: Int) -> String { HTTPResponseStatus(statusCode: status).reasonPhrase }
}
