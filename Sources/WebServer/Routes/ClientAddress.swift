import Foundation
import NIOCore

/// Who is at the other end, as far as it can be known.
enum ClientAddress {
    /// - Parameters:
    ///   - forwardedFor: the `X-Forwarded-For` header; its last entry is the one our own proxy has added.
    ///   - isTrusted: whether the peer is one of our proxies, so that the header is believed.
    static func text(peer: SocketAddress?, forwardedFor: String?, isTrusted: Bool) -> String {
        if isTrusted, let entry = forwardedFor?.split(separator: ",").last {
            let address = entry.trimmingCharacters(in: .whitespaces)
            if !address.isEmpty && address.utf8.count <= 64 { return address }
        }
        return peer?.ipAddress ?? "unknown"
    }
}
