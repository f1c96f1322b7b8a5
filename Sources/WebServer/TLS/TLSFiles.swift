import NIOCore
import NIOSSL

/// Where the server's certificate and its private key lie, as PEM.
public struct TLSFiles: Sendable, Equatable {
    /// The certificate first, then what leads to one that clients trust.
    public var certificates: String
    public var key: String

    public init(certificates: String, key: String) {
        self.certificates = certificates
        self.key = key
    }

    /// What HTTP/2 and HTTP/1.1 are called in the handshake (RFC 7301 section 6), the preferred first.
    static let protocols = ["h2", "http/1.1"]

    /// For a client to say goodbye as well: the server has done so, and does not have to wait (RFC 8446 section 6.1). Connections
    /// are closed when what they had to send has left.
    private static let farewell = TimeAmount.seconds(1)

    /// Why a certificate cannot be served; never with what the files hold.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Reads both files: blocks for as long as that takes.
    /// - Throws: `Failure` when a file cannot be read, or the key is not the certificate's.
    func load() throws(Failure) -> NIOSSLContext {
        let chain = try Self.tried("The certificate \(certificates) cannot be read.") { try NIOSSLCertificate.fromPEMFile(certificates) }
        guard !chain.isEmpty else { throw Failure(description: "There is no certificate in \(certificates).") }
        let privateKey = try Self.tried("The key \(key) cannot be read.") { try NIOSSLPrivateKey(file: key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = Self.protocols
        configuration.shutdownTimeout = Self.farewell
        return try Self.tried("The key \(key) is not the one of \(certificates).") { try NIOSSLContext(configuration: configuration) }
    }

    private static func tried<Value>(_ failure: String, _ body: () throws -> Value) throws(Failure) -> Value {
        do { return try body() } catch { throw Failure(description: failure) }
    }
}
