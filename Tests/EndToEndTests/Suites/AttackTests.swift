import Core
import Foundation
import NIOCore
import TestSupport
import Testing

extension EndToEnd {
    /// Clients of `/ws` that mean no good, while others follow a session.
    @Suite struct AttackTests {
        @Test(.timeLimit(.minutes(Scale.isSoak ? 15 : 2)))
        func `floods, giants, bombs and sockets that are never finished are ended, and nobody else notices`() async throws {
            let stage = try await CrowdTests.Stage.build()
            let audience = try await Audience.gather(stage)
            // Their time runs out while the others have their turn.
            let unfinished = Task { try await Self.leaveUnfinished(stage) }
            try await audience.expectPeace("floods of messages") { try await Self.flood(stage, with: #"{"type":"ping"}"#) }
            let long = #"{"type":"ping","data":{"x":"\#(String(repeating: "-", count: 50_000))"}}"#
            try await audience.expectPeace("floods of bytes") { try await Self.flood(stage, with: long) }
            try await audience.expectPeace("giants") { try await Self.sendGiants(stage) }
            try await audience.expectPeace("compressed bombs") { try await Self.sendBombs(stage) }
            try await audience.expectPeace("unfinished sockets") { try await unfinished.value }
            try await audience.leave()
            try await stage.announcer.close()
            try await stage.server.kill9()
        }

        // MARK: Attacks

        /// Lets clients come one after the other, each of which pours bytes into its connection until it is closed.
        /// - Returns: the codes that they were closed with, and bytes that they could send.
        private static func pour(
            _ stage: CrowdTests.Stage, _ opening: ByteBuffer, _ bytes: ByteBuffer, upTo total: Int, beginning: ByteBuffer? = nil,
            count: Int = Scale.attackers, isStubborn: Bool = false
        ) async throws -> (codes: Set<Int?>, most: Int) {
            var (codes, most) = (Set<Int?>(), 0)
            for _ in 0..<count {
                let crowd = Crowd(port: stage.server.port)
                try await crowd.come([Crowd.Manner(opening: opening, joins: false, isStubborn: isStubborn)])
                if let beginning { _ = try await crowd.pour(beginning, upTo: 1, 0) }
                most = max(most, try await crowd.pour(bytes, upTo: total, 0))
                try await crowd.all("an attacker to be closed") { $0.isClosed }
                codes.insert(try await crowd.look { $0[0].closeCode })
                try await crowd.leave()
            }
            return (codes, most)
        }

        private static func flood(_ stage: CrowdTests.Stage, with text: String) async throws {
            var messages = ByteBuffer()
            while messages.readableBytes < 100_000 { messages.writeImmutableBuffer(ClientFrame.text(text)) }
            let (codes, most) = try await pour(stage, ClientFrame.opening(), messages, upTo: 64 << 20)
            #expect(codes == [3013])
            #expect(most < 32 << 20)
        }

        /// One frame that announces very much, and brings it; one client does so although it was closed.
        private static func sendGiants(_ stage: CrowdTests.Stage) async throws {
            let header = ClientFrame.bytes(0x82, announcing: Scale.giant)
            let piece = ByteBuffer(repeating: 0, count: 1 << 20)
            let (codes, most) = try await pour(stage, ClientFrame.opening(), piece, upTo: Scale.giant, beginning: header)
            #expect(codes == [1009])
            #expect(most < 32 << 20)
            let stubborn = try await pour(
                stage, ClientFrame.opening(), piece, upTo: Scale.giant, beginning: header, count: 1, isStubborn: true)
            print("a giant that goes on could send \(stubborn.most >> 20) MiB")
            #expect(stubborn.codes == [1009])
        }

        /// Zeros that were compressed a thousandfold: 60 MB in one frame, then as many as it takes in fragments.
        private static func sendBombs(_ stage: CrowdTests.Stage) async throws {
            let zeros = try await Tool("python3").output([
                "-c", "import zlib; c = zlib.compressobj(9, zlib.DEFLATED, -15); print(list(c.compress(bytes(1 << 20)) + c.flush(zlib.Z_SYNC_FLUSH)))",
            ])
            // It ends at a byte's border, so that any number of them is a stream, too.
            let mebibyte = try JSON.decode([UInt8].self, from: Data(zeros.utf8))
            let much = (0..<60).flatMap { _ in mebibyte }
            let opening = ClientFrame.opening(compressing: true)
            var codes = try await pour(stage, opening, ClientFrame.compressed(much), upTo: 64 << 20).codes
            #expect(codes == [1009])
            let fragment = ClientFrame.bytes(0x00, much)
            codes = try await pour(stage, opening, fragment, upTo: Scale.giant >> 10, beginning: ClientFrame.bytes(0x42, much)).codes
            #expect(codes == [1009])
        }

        /// Requests that stop in the middle, clients that do not say who they are, and such that were closed and do not care.
        private static func leaveUnfinished(_ stage: CrowdTests.Stage) async throws {
            let crowd = Crowd(port: stage.server.port)
            let half = ByteBuffer(string: "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webso")
            var wrong = ClientFrame.opening()
            // Not masked, as a client's frame has to be.
            wrong.writeBytes([0x81, 0x01, 0x2D])
            let manners = [
                Crowd.Manner(opening: half, joins: false), Crowd.Manner(opening: ClientFrame.opening(), joins: false),
                Crowd.Manner(opening: wrong, joins: false, isStubborn: true),
            ]
            try await crowd.come(manners.flatMap { Array(repeating: $0, count: Scale.unfinished) })
            try await crowd.all("unfinished sockets to be closed", within: .seconds(40)) { $0.isClosed }
            let codes = try await crowd.look { $0.map(\.closeCode) }
            // They come side by side, in whatever order.
            let counts = Dictionary(grouping: codes) { $0 }.mapValues(\.count)
            #expect(counts == [nil: Scale.unfinished, 3502: Scale.unfinished, 1002: Scale.unfinished])
            try await crowd.leave()
        }
    }
}

/// Clients that follow a session and want to be told at once.
private struct Audience {
    private static let size = 20

    let stage: EndToEnd.CrowdTests.Stage
    let crowd: Crowd
    private let told: Told

    static func gather(_ stage: EndToEnd.CrowdTests.Stage) async throws -> Audience {
        let crowd = Crowd(port: stage.server.port)
        try await crowd.come(try await stage.manners(size))
        return Audience(stage: stage, crowd: crowd, told: Told())
    }

    /// What was announced so far.
    private actor Told {
        private(set) var count = 0
        func next() -> Int {
            count += 1
            return count
        }
    }

    /// Announces fifty events a second while something goes on, and expects that everybody hears each of them soon, that the server
    /// answers all the time and that its memory does not grow.
    func expectPeace(_ what: String, during body: () async throws -> Void) async throws {
        let before = try stage.server.forgetPeakMemory()
        let pulse = Pulse(port: stage.server.port)
        let start = ContinuousClock.now
        let announcing = Task { try await announce() }
        do { try await body() } catch {
            announcing.cancel()
            throw error
        }
        let took = start.duration(to: .now)
        announcing.cancel()
        let moments = try await announcing.value
        let heard = try await pulse.stop()
        let growth = try stage.server.peakMemory() - before
        let latency = try await latency(moments)
        print("\(what): \(took); answers of /health/live within \(heard.worst), nearly all within \(heard.nearlyWorst);",
            "\(moments.count) events to \(Self.size) clients within \(latency); the server grew by \(growth >> 10) KiB")
        #expect(heard.faults.isEmpty)
        #expect(max(heard.worst, latency) < (Scale.isSoak ? .milliseconds(500) : .seconds(5)), "\(what)")
        #expect(growth < 64 << 20, "\(what)")
    }

    /// - Returns: when each event was begun to be told, by its number.
    private func announce() async throws -> [Int: NIODeadline] {
        var moments: [Int: NIODeadline] = [:]
        while !Task.isCancelled || moments.isEmpty {
            let number = await told.next()
            moments[number] = .now()
            try await stage.announcer.announce(number, to: stage.topic)
            try? await Task.sleep(for: .milliseconds(20))
        }
        return moments
    }

    /// How late the last client was for any of the events.
    private func latency(_ moments: [Int: NIODeadline]) async throws -> Duration {
        let count = await told.count
        try await crowd.all("everything that was announced") { $0.heard.count >= count }
        let (isRight, worst) = try await crowd.look { members in
            let times = members.flatMap(\.heard).compactMap { event in moments[event.number].map { (event.at - $0).nanoseconds } }
            return (members.allSatisfy { $0.heard.map(\.number) == Array(1...count) && !$0.isClosed }, times.max() ?? 0)
        }
        #expect(isRight)
        return .nanoseconds(worst)
    }

    func leave() async throws { try await crowd.leave() }
}
