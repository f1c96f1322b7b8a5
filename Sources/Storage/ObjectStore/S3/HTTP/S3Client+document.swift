import AsyncHTTPClient
import Core
import Glibc
import NIOCore

extension S3Client {
    /// The root element of an answer in XML. A long operation begins its answer with 200 before it knows how it ends, so
    /// that an error can come with that status too.
    /// - Parameter root: its name; `nil` when servers do not agree about it.
    /// - Throws: `S3Failure`; `ObjectStoreError.system(EPROTO, ...)` for anything else than was expected.
    func document(_ request: S3Request, _ root: String?) async throws -> XMLElement {
        try await perform(request) { response in
            let body = try await response.body.collect(upTo: Self.answerLimit)
            if let code = S3ErrorBody.code(of: body) {
                throw S3Failure(kind: .answered(status: 200, code: code), attempt: request.attempt)
            }
            guard let element = try? XMLParser.parse(body.readableBytesView), root == nil || element.name == root else {
                throw ObjectStoreError.system(EPROTO, "\(request.attempt): not the \(root ?? "XML") expected")
            }
            return element
        }
    }
}
