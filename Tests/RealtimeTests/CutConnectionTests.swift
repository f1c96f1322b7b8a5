import Core
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Realtime

/// Clients whose network keeps breaking, while much happens.
@Suite("Connections that are cut")
struct CutConnectionTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LUMIERE_SOAK"] == "1"
    private static let rate = 200
    private static let seconds = isSoak ? 120 : 4
    private static let total = Int64(rate * seconds)
    private static let session = HubTests.session
    private static let own = Topic.user(ClientConnectionTests.owner.personID!)

    /// How a client speaks.
    enum Speech: CaseIterable, Sendable {
        case webSocket, eventStream, ownEventStream

        /// What it follows, each group with a place of its own.
        var groups: [[Topic]] {
            switch self {
            case .webSocket: [[.session(session), .desk(session)], [own]]
            case .eventStream: [[.session(session), .desk(session)]]
            case .ownEventStream: [[own]]
            }
        }

        /// What opens a connection and asks for what came after the offsets of the groups.
        func greeting(since offsets: [Int64]) -> ByteBuffer {
            switch self {
            case .eventStream, .ownEventStream:
                let path = self == .eventStream ? "/api/sessions/\(session)/events" : "/api/auth/events"
                return ByteBuffer(
                    string: """
                        GET \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer owner\r\n\
                        Last-Event-ID: first:\(offsets[0])\r\n\r\n
                        """)
            case .webSocket:
                var bytes = ByteBuffer(
                    string: """
                        GET /ws?epoch=first&offset=\(offsets[1]) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer owner\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                        """)
                let join = #"{"type":"join_session","data":{"sessionId":"\#(session)","epoch":"first","offset":\#(offsets[0])}}"#.padding(toLength: 200, withPad: " ", startingAt: 0)
                // A text frame of that length, and a mask that changes nothing.
                bytes.writeBytes([0x81, 0xFE, 0, 200, 0, 0, 0, 0])
                bytes.writeString(join)
                return bytes
            }
        }

        /// The offsets of the events that have come as a whole.
        func offsets(in text: String) -> [Int64] {
            switch self {
            case .webSocket: text.matches(of: /"topic":"[^"]*","offset":([0-9]+),"timestamp":"[^"]*","data":{}}/).compactMap { Int64($0.1) }
            case .eventStream, .ownEventStream: text.matches(of: /id: first:([0-9]+)\nevent: new_photo\ndata: {}\n\n/).compactMap { Int64($0.1) }
            }
        }
    }

    @Test(arguments: Speech.allCases)
    func `whoever is cut off at random under two hundred events a second misses none and gets none twice`(speech: Speech) async throws {
        try await RealtimeServer.run(within: .seconds(Self.seconds + 60)) { server in
            server.doors.know("owner", ClientConnectionTests.owner, isStaff: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.publish(server.broker) }
                for seed in 1...8 { group.addTask { try await Self.follow(server, speech, seed: UInt64(seed)) } }
                try await group.waitForAll()
            }
        }
    }

    /// To the session, its desk or the account, in no order.
    private static func publish(_ broker: MemoryBroker) async throws {
        let start = ContinuousClock.now
        for (index, topic) in plan.enumerated() {
            try await Task.sleep(until: start + .seconds(1) / rate * (index + 1), clock: .continuous)
            broker.publish(topic)
        }
    }

    /// The topics of all events.
    private static let plan: [Topic] = {
        var random = SeededGenerator(state: 42)
        return (0..<total).map { _ in [.session(session), .desk(session), own].randomElement(using: &random) ?? own }
    }()

    private static func offsets(of topics: [Topic]) -> [Int64] {
        plan.indices.filter { topics.contains(plan[$0]) }.map { Int64($0 + 1) }
    }

    private static func follow(_ server: RealtimeServer, _ speech: Speech, seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let due = speech.groups.map(offsets)
        var seen: [[Int64]] = due.map { _ in [] }
        var cuts = 0
        while seen != due, cuts < due.joined().count {
            let line = try await ByteLine(port: server.port)
            try await line.send(speech.greeting(since: seen.map { $0.last ?? 0 }))
            let wanted = min(Int.random(in: 1...60, using: &random), due.joined().count - seen.joined().count)
            let text = try await line.wait(for: "\(wanted) events") { speech.offsets(in: $0).count >= wanted ? $0 : nil }
            await line.cut()
            #expect(text.contains(#""recovered":true"#) && !text.contains(#""recovered":false"#))
            for offset in speech.offsets(in: text) {
                let group = speech.groups.firstIndex { $0.contains(plan[Int(offset) - 1]) }
                seen[try #require(group)].append(offset)
            }
            cuts += 1
        }
        #expect(seen == due)
        #expect(cuts > seconds)
    }
}
