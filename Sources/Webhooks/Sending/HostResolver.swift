import Core
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Finds the addresses of a name.
protocol HostResolver: Sendable {
    /// - Parameter account: on whose behalf.
    /// - Returns: in the order in which they should be tried; none when there is no such name.
    /// - Throws: `SendingFailure.timeout`, `CancellationError`.
    func addresses(of host: String, for account: UserID) async throws -> [IPAddress]
}

/// Asks the machine's resolver, which blocks for as long as a name's server pleases: on threads of its own, few of them for
/// one account, and never waited for longer than a limit.
final class SystemResolver: HostResolver {
    /// A thread stays taken until the look-up comes back, even if its answer is not waited for any more.
    private struct LookUp: Sendable {
        let host: String
        let answer: EventLoopPromise<[IPAddress]>
    }

    private let threads: NIOThreadPool
    private let line: Mutex<LookUpLine<LookUp>>
    private let limit: Duration
    private let lookUp: @Sendable (String) -> [IPAddress]

    /// - Parameters:
    ///   - limit: how long an answer is waited for, from the question on.
    ///   - threads: look-ups at the same time.
    ///   - perAccount: of them, those of one account.
    ///   - lookUp: does it; may block.
    init(
        limit: Duration, threads: Int = 16, perAccount: Int = 2,
        lookUp: @escaping @Sendable (String) -> [IPAddress] = SystemResolver.ask
    ) {
        self.limit = limit
        self.lookUp = lookUp
        self.threads = NIOThreadPool(numberOfThreads: threads)
        line = Mutex(LookUpLine(total: threads, perAccount: perAccount))
        self.threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    func addresses(of host: String, for account: UserID) async throws -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        // Whatever comes second changes nothing.
        let answer = loop.makePromise(of: [IPAddress].self)
        let giveUp: @Sendable (any Error) -> Void = { reason in
            self.line.withLock { $0.leave(where: { $0.answer.futureResult === answer.futureResult }) }
            answer.fail(reason)
        }
        line.withLock { $0.enter(LookUp(host: host, answer: answer), of: account) }
        begin()
        let alarm = loop.scheduleTask(in: .nanoseconds(limit.milliseconds * 1_000_000)) { giveUp(SendingFailure.timeout) }
        defer { alarm.cancel() }
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            giveUp(CancellationError())
        }
    }

    /// Begins what may begin; whatever comes back calls again.
    private func begin() {
        while let entry = line.withLock({ $0.next() }) {
            threads.submit { state in
                if state == .active { entry.element.answer.succeed(self.lookUp(entry.element.host)) } else {
                    entry.element.answer.fail(CancellationError())
                }
                self.line.withLock { $0.end(of: entry.account) }
                self.begin()
            }
        }
    }

    /// Blocks. Also reads what old programs take for an address, such as `127.1`.
    @Sendable static func ask(_ host: String) -> [IPAddress] {
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
