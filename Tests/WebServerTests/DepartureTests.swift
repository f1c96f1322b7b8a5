import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebServer

/// A client that goes away while its answer is being waited for.
@Suite("Departures")
struct DepartureTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// How often it was told.
    private func watch(_ gate: GateFixture) -> NIOLockedValueBox<Int> {
        let told = NIOLockedValueBox(0)
        gate.channel.triggerUserOutboundEvent(DepartureWatch { told.withLockedValue { $0 += 1 } }, promise: nil)
        return told
    }

    @Test("a close, of the connection or of the client's half, is told once", arguments: [true, false])
    func gone(isHalf: Bool) throws {
        let gate = try GateFixture()
        try gate.send(Self.get)
        let told = watch(gate)
        #expect(told.withLockedValue { $0 } == 0)
        if isHalf { gate.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        _ = try gate.channel.finish(acceptAlreadyClosed: true)
        #expect(told.withLockedValue { $0 } == 1)
    }

    @Test("who was gone before anybody asked is told at once")
    func already() throws {
        let gate = try GateFixture()
        try gate.send(Self.get)
        gate.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(watch(gate).withLockedValue { $0 } == 1)
    }

    @Test("once answered, a request hears nothing more; the next has a watch of its own")
    func answered() throws {
        let gate = try GateFixture()
        try gate.send(Self.get)
        let first = watch(gate)
        try gate.answer(.ok, ["Content-Length": "0"])
        try gate.send(Self.get)
        let second = watch(gate)
        _ = try gate.channel.finish(acceptAlreadyClosed: true)
        #expect(first.withLockedValue { $0 } == 0 && second.withLockedValue { $0 } == 1)
    }
}
