import Core
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Webhooks

/// Look-ups block threads, and whoever owns a name decides for how long.
@Suite struct HostResolverTests {
    private static let (one, other) = (UserID(at: Timestamp(milliseconds: 1)), UserID(at: Timestamp(milliseconds: 2)))
    private static let found = [IPAddress("192.0.2.1")].compactMap { $0 }

    /// Answers at once, but for names that begin with `slow`: those answer when they are let go.
    private final class NameServer: Sendable {
        let asked = Inbox<String>()
        private let gate = DispatchSemaphore(value: 0)

        func lookUp(_ host: String) -> [IPAddress] {
            asked.push(host)
            if host.hasPrefix("slow") { gate.wait() }
            return HostResolverTests.found
        }

        func letGo(_ count: Int) { for _ in 0..<count { gate.signal() } }
    }

    @Test func `an account's slow names keep only its own names waiting`() async throws {
        let server = NameServer()
        defer { server.letGo(100) }
        let resolver = SystemResolver(limit: .seconds(45), threads: 4, perAccount: 2, lookUp: server.lookUp)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask { _ = try await resolver.addresses(of: "slow\(number)", for: Self.one) }
            }
            try await server.asked.wait(for: "two look-ups") { list, _ in list.count == 2 ? () : nil }
            #expect(try await resolver.addresses(of: "quick", for: Self.other) == Self.found)
            #expect(server.asked.elements.count == 3, "no thread is lent to whoever has enough")
            server.letGo(10)
            try await group.waitForAll()
        }
        #expect(Set(server.asked.elements).count == 11)
    }

    @Test func `who waits too long is told so, also before the look-up has begun`() async throws {
        let server = NameServer()
        defer { server.letGo(100) }
        let resolver = SystemResolver(limit: .milliseconds(100), threads: 4, perAccount: 1, lookUp: server.lookUp)
        for name in ["slow", "quick"] {
            await #expect(throws: SendingFailure.timeout) { try await resolver.addresses(of: name, for: Self.one) }
        }
        #expect(server.asked.elements == ["slow"], "a thread that hangs still counts when nobody waits for it any more")
        server.letGo(1)
        let addresses = try await eventually("the thread to be free") {
            try? await resolver.addresses(of: "quick", for: Self.one)
        }
        #expect(addresses == Self.found)
        #expect(server.asked.elements == ["slow", "quick"], "what nobody waits for is not looked up later")
    }

    @Test func `whoever has fewest look-ups is next, then whoever came first`() {
        var line = LookUpLine<String>(total: 3, perAccount: 2)
        for (id, account) in [("a1", Self.one), ("a2", Self.one), ("a3", Self.one), ("b1", Self.other), ("b2", Self.other)] {
            line.enter(id, of: account)
        }
        #expect((0..<4).map { _ in line.next()?.element } == ["a1", "b1", "a2", nil])
        line.end(of: Self.one)
        #expect(line.next()?.element == "a3")
        line.leave(where: { $0 == "b2" })
        line.end(of: Self.one)
        line.end(of: Self.one)
        line.end(of: Self.other)
        #expect(line.next()?.element == nil)
    }
}
