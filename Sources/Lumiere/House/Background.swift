import Realtime
import ServiceLifecycle
import WebServer

/// A loop that runs until it is cancelled, as a service that ends with the others.
struct Background: Service {
    let body: @Sendable () async -> Void

    init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

    func run() async throws {
        await cancelWhenGracefulShutdown { await body() }
    }

    /// Does nothing until the task is cancelled.
    static func untilCancelled() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }
}

/// Says that no new work is wanted as soon as the process is asked to end, and answers who waits for news. Listed last, it hears
/// of it first.
struct Draining: Service {
    let readiness: Readiness
    let wires: RealtimeWires

    init(_ readiness: Readiness, _ wires: RealtimeWires) {
        self.readiness = readiness
        self.wires = wires
    }

    func run() async throws {
        try? await gracefulShutdown()
        readiness.isReady = false
        wires.shutdown()
    }
}
