import Core
import Crypto
import NIOHTTP1
import Synchronization

/// How it is made sure that the server gets a body as it is.
struct BodyProof: Sendable {
    /// Hex SHA-256, or that it is not signed.
    var payload: String
    /// Base64: the server compares.
    var md5: String?
    /// Whether the MD5 is taken as the body is read to be sent, and compared with what the server says it has. That saves
    /// reading the body twice.
    var isCompared = false
}

/// The MD5 of a body, taken as it is read to be sent.
final class PassingMD5: Sendable {
    private let digest = Mutex<String?>(nil)

    /// The whole body has been read.
    func finish(_ hash: Insecure.MD5) { digest.withLock { $0 = Hex.text(hash.finalize()) } }

    /// Whether an answer says that the server has these very bytes.
    func isConfirmed(by headers: HTTPHeaders) -> Bool {
        digest.withLock { $0 != nil && $0 == ETag.md5(headers) }
    }
}
