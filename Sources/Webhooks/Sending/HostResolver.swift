import Core
import Glibc
import NIOCore
import NIOPosix

/// Finds the addresses of a name.
protocol HostResolver: Sendable {
    /// - Returns: in the order in which they should be tried; none when there is no such name.
    /// - Throws: `SendingFailure.timeout`, `CancellationError`.
    func addresses(of host: String) async throws -> [IPAddress]
}

/// Asks the machine's resolver, which blocks: on threads of its own, and never waited for longer than a limit.
final class SystemResolver: HostResolver {
    private let threads = NIOThreadPool(numberOfThreads: 8)
    private let limit: Duration

    /// - Parameter limit: how long an answer is waited for.
    init(limit: Duration) {
        self.limit = limit
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    func addresses(of host: String) async throws -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        // Whatever comes second changes nothing.
        let answer = loop.makePromise(of: [IPAddress].self)
        threads.runIfActive(eventLoop: loop) { Self.lookUp(host) }.cascade(to: answer)
        let alarm = loop.scheduleTask(in: .nanoseconds(limit.milliseconds * 1_000_000)) {
            answer.fail(SendingFailure.timeout)
        }
        defer { alarm.cancel() }
        return try await answer.futureResult.get()
    }

    /// Blocks. Also reads what old programs take for an address, such as `127.1`.
    private static func lookUp(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = address(entry), !found.contains(address) { found.append(address) }
            next = entry.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let pointer = entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(pointer)
        switch entry.ai_family {
        case AF_INET:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { IPAddress(bytes: Array($0)) }
        case AF_INET6:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { IPAddress(bytes: Array($0)) }
        default: return nil
        }
    }
}
