import Core
import Crypto
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// A request to the bucket or one of its objects, not yet signed.
struct S3Request: Sendable {
    var method: HTTPMethod
    /// Empty for the bucket itself.
    var key: String
    var query: [(name: String, value: String)] = []
    /// Signed with the rest.
    var headers: [(name: String, value: String)] = []
    var body = S3Body.none
    /// Of the body in lower-case hex, when somebody has hashed it already.
    var sha256: String?
    /// Whether making it twice has the effect of making it once.
    var isRepeatable = true
    /// Whether the server insists on a `Content-MD5` whatever the connection.
    var needsMD5 = false

    /// Whether the ETag of the answer is that of the body, which is read from a file.
    var isFileUpload: Bool { if case .file = body { method == .PUT } else { false } }

    /// For error messages.
    var attempt: String { "\(method.rawValue) \(key.isEmpty ? "bucket" : key)" }
}

/// What a request carries.
enum S3Body: Sendable {
    case none
    case bytes(ByteBuffer)
    case file(FileSlice)

    var length: Int64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.readableBytes)
        case .file(let slice): slice.length
        }
    }

    static func text(_ text: String) -> S3Body { .bytes(ByteBuffer(string: text)) }

    /// Computed once, however often the request is made.
    func digest<Function: HashFunction>(_ function: Function.Type, on threads: FileThreads) async throws -> [UInt8] {
        switch self {
        case .none: Array(Function.hash(data: Data()))
        case .bytes(let bytes): try await threads.run { Array(Function.hash(data: Data(buffer: bytes))) }
        case .file(let slice): try await threads.run { Array(try slice.hash(with: Function.self)) }
        }
    }
}
