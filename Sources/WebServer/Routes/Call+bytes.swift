import Core
import Foundation
import Hummingbird
import NIOCore

extension Call {
    /// The whole body of a route that reads it itself.
    /// - Parameter limit: bytes.
    /// - Throws: `Problem` 413 when there are more.
    public func bytes(upTo limit: Int) async throws -> Data {
        let tooLarge = Problem.tooLarge("The body has at most \(limit) bytes.")
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw tooLarge }
        await acceptBody()
        do {
            return Data(try await request.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }
}
