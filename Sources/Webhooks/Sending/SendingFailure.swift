import Glibc
import NIOCore
import NIOSSL

/// Why there is no answer of a receiver's.
enum SendingFailure: String, Error, Sendable, Codable, CaseIterable {
    /// Its name leads to no address that may be used.
    case noPublicAddress = "no_public_address"
    /// Nobody takes connections there.
    case unreachable
    /// No trustworthy encryption.
    case tls
    /// No answer in time.
    case timeout
    /// The connection ended, or what came was not HTTP.
    case broken
    /// Whoever sent it stopped meanwhile: it is not known what became of it.
    case interrupted

    /// What an error of a connection stands for.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as SendingFailure: failure
            case ChannelError.connectTimeout: .unreachable
            case let error as IOError where Self.nobody.contains(error.errnoCode): .unreachable
            // It ends without a farewell, but not because of the encryption.
            case NIOSSLError.uncleanShutdown: .broken
            case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .tls
            default: .broken
            }
    }

    private static let nobody: Set<Int32> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EADDRNOTAVAIL]
}
