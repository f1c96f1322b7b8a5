import Glibc

/// Why a session could not be written down or taken over, as an operator reads it.
struct TransferFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// After a call of the system has failed.
    /// - Parameter attempt: what was tried, e.g. "write /tmp/x".
    static func system(_ attempt: String) -> TransferFault { TransferFault("Cannot \(attempt): \(String(cString: strerror(errno))).") }
}
