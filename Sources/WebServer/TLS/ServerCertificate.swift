import NIOConcurrencyHelpers
import NIOSSL

/// The certificate that new connections are shown; those that are open keep the one they began with.
public final class ServerCertificate: Sendable {
    private let files: TLSFiles
    private let loaded: NIOLockedValueBox<NIOSSLContext>

    /// Blocks while it reads the files.
    /// - Throws: `TLSFiles.Failure`.
    public init(_ files: TLSFiles) throws(TLSFiles.Failure) {
        self.files = files
        loaded = NIOLockedValueBox(try files.load())
    }

    var context: NIOSSLContext { loaded.withLockedValue { $0 } }

    /// Reads the files anew, as after a renewal; blocks meanwhile. When they are not good, all stays as it was.
    /// - Throws: `TLSFiles.Failure`.
    public func reload() throws(TLSFiles.Failure) {
        let context = try files.load()
        loaded.withLockedValue { $0 = context }
    }
}
