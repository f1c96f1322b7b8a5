import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport

/// Stands in front of a server and lets so many bytes of its answers through; then it closes every connection, new ones too.
final class CuttingProxy: Sendable {
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// `http://127.0.0.1:port`.
    let endpoint: String
    private let upstream: Int
    private let limit: Int
    private let budget: NIOLockedValueBox<Int>
    private let task = NIOLockedValueBox<Task<Void, any Error>?>(nil)

    static func start(before upstream: String, after bytes: Int = .max) async throws -> CuttingProxy {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        guard let port = listener.channel.localAddress?.port, let target = URLComponents(string: upstream)?.port else {
            throw Tool.Failure(description: "no port")
        }
        let proxy = CuttingProxy(port, target, bytes)
        proxy.task.withLockedValue { $0 = Task { try await proxy.serve(listener) } }
        return proxy
    }

    private init(_ port: Int, _ upstream: Int, _ budget: Int) {
        endpoint = "http://127.0.0.1:\(port)"
        self.upstream = upstream
        limit = budget
        self.budget = NIOLockedValueBox(budget)
    }

    /// Bytes of answers that were let through.
    var relayed: Int { limit - budget.withLockedValue { $0 } }

    func stop() { task.withLockedValue { $0?.cancel() } }

    private func serve(_ listener: NIOAsyncChannel<Connection, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    // A connection that breaks is what this is about.
                    group.addTask { try? await self.relay(connection) }
                }
            }
        }
    }

    private func relay(_ client: Connection) async throws {
        let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: upstream) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        try await client.executeThenClose { requests, toClient in
            try await server.executeThenClose { answers, toServer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await bytes in requests { try await toServer.write(bytes) } }
                    group.addTask {
                        for try await var bytes in answers {
                            guard let part = self.allowed(&bytes) else { return }
                            try await toClient.write(part)
                            // Nothing may come after the last that was sent.
                            if bytes.readableBytes > 0 { return }
                        }
                    }
                    // Whichever side ends first ends both.
                    try await group.next()
                    group.cancelAll()
                }
            }
        }
    }

    private func allowed(_ bytes: inout ByteBuffer) -> ByteBuffer? {
        budget.withLockedValue { budget in
            let part = bytes.readSlice(length: min(budget, bytes.readableBytes))
            budget -= part?.readableBytes ?? 0
            return part?.readableBytes == 0 ? nil : part
        }
    }
}
