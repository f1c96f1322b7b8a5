public import Logging
import NIOPosix
public import ServiceLifecycle
import UnixSignals

/// Reads the certificate anew whenever the process gets a SIGHUP.
public struct CertificateReload: Service {
    private let certificate: ServerCertificate
    private let logger: Logger

    public init(_ certificate: ServerCertificate, logger: Logger) {
        self.certificate = certificate
        self.logger = logger
    }

    public func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { await reload() }
    }

    private func reload() async {
        do {
            try await NIOThreadPool.singleton.runIfActive { try certificate.reload() }
            logger.info("read the certificate anew")
        } catch {
            logger.error("kept the certificate that was there", metadata: ["reason": "\(error)"])
        }
    }
}
