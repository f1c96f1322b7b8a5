import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The one TLS context of all connections: reading the authorities' certificates takes time and memory.
final class SharedTLS: Sendable {
    private let authorities: String?
    private let making = Mutex<Task<NIOSSLContext, any Error>?>(nil)

    /// - Parameter authorities: a PEM file; `nil` for the system's.
    init(authorities: String?) { self.authorities = authorities }

    /// Made when it is first asked for, and again after a failure.
    /// - Throws: what the library throws when the authorities cannot be read.
    func context() async throws -> NIOSSLContext {
        let task = making.withLock { making in
            let task = making ?? Task { [authorities] in try await Self.make(authorities) }
            making = task
            return task
        }
        do { return try await task.value } catch {
            making.withLock { if $0 == task { $0 = nil } }
            throw error
        }
    }

    /// Reads files, and so keeps away from the cooperative threads.
    private static func make(_ authorities: String?) async throws -> NIOSSLContext {
        try await NIOThreadPool.singleton.runIfActive {
            var configuration = TLSConfiguration.makeClientConfiguration()
            // A receiver that does not say farewell must not keep the connection.
            configuration.shutdownTimeout = .seconds(1)
            if let authorities { configuration.trustRoots = .file(authorities) }
            return try NIOSSLContext(configuration: configuration)
        }
    }
}
