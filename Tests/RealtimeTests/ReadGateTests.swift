import Core
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Realtime

@Suite("The gate of reads")
struct ReadGateTests {
    private struct Inside: Sendable {
        var now = 0
        var most = 0
        var done = 0
    }

    @Test func `so many read at a time, and all get their turn`() async throws {
        let gate = ReadGate(limit: 4)
        let inside = NIOLockedValueBox(Inside())
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    try await gate.read {
                        inside.withLockedValue { inside in
                            inside.now += 1
                            inside.most = max(inside.most, inside.now)
                        }
                        await Task.yield()
                        inside.withLockedValue { inside in
                            inside.now -= 1
                            inside.done += 1
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let (most, done) = inside.withLockedValue { ($0.most, $0.done) }
        #expect(most <= 4 && done == 200)
    }

    @Test func `who is gone while waiting does not read`() async throws {
        let gate = ReadGate(limit: 1)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (begins, begin) = AsyncStream.makeStream(of: Void.self)
        async let first: Void = gate.read {
            begin.yield()
            for await _ in ends { break }
        }
        for await _ in begins { break }
        let waiting = Task { try await gate.read { Issue.record("read though cancelled") } }
        waiting.cancel()
        end.yield()
        try await first
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await gate.read {}
    }

    @Test(arguments: [
        (DatabaseError.failed(code: DatabaseError.busyCode, message: "", statement: ""), 3), (.unexpectedColumn("x"), 1),
    ])
    func `what may pass is tried three times, everything else once, and nobody is kept out by it`(error: DatabaseError, tries: Int) async {
        let gate = ReadGate(limit: 1)
        let count = NIOLockedValueBox(0)
        for round in 1...2 {
            await #expect(throws: error) {
                try await gate.read {
                    count.withLockedValue { $0 += 1 }
                    throw error
                }
            }
            #expect(count.withLockedValue { $0 } == round * tries)
        }
    }
}
