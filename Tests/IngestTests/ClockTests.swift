import Core
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Ingest

@Suite("When a clock is set")
struct ClockTests {
    private static let day = Duration.seconds(24 * 3600)

    @Test("an upload that is being written stays", arguments: [day, .zero - day])
    func jump(_ jump: Duration) async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(10))
            _ = try await ingest.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            house.clock.jump(jump + .seconds(1))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.status(id).offset == 3)
            _ = try await ingest.patch(id, at: 3, body([[4, 5, 6]]), contentLength: 3)
            try await ingest.worker.sweeper.sweep()
            _ = try await ingest.patch(id, at: 6, body([[7, 8, 9, 10]]), contentLength: 4)
            await ingest.settled()
            #expect(try await ingest.service.find(id)?.state == .completed)
        }
    }

    @Test("while a request sends bytes, that request goes on", arguments: [day, .zero - day])
    func jumpDuringRequest(_ jump: Duration) async throws {
        try await withIngest { house, ingest in
            let id = try await ingest.create(house.creation(6))
            let (stream, source) = ByteStream.makeStream()
            source.yield(.init(bytes: [1, 2, 3]))
            let request = Task { try await ingest.patch(id, at: 0, .init(body: stream), contentLength: 6) }
            _ = try await eventually("the first bytes") { house.events.events.isEmpty ? nil : () }
            house.clock.jump(jump + .seconds(1))
            try await ingest.worker.sweeper.sweep()
            source.yield(.init(bytes: [4, 5, 6]))
            source.finish()
            #expect(try await request.value.state == .completing)
        }
    }

    @Test("uploads that really rest too long end all the same")
    func rest() async throws {
        try await withIngest { house, ingest in
            let old = try await ingest.create(house.creation(10))
            house.clock.jump(Self.day + .seconds(1))
            try await ingest.worker.sweeper.sweep()
            let new = try await ingest.create(house.creation(10))
            house.clock.advance(Self.day - .seconds(60))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.find(old)?.state == .receiving)
            house.clock.advance(.seconds(59))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.find(old)?.state == .receiving)
            house.clock.advance(.seconds(2))
            try await ingest.worker.sweeper.sweep()
            #expect(try await ingest.service.find(old)?.state == .expired)
            #expect(try await ingest.service.find(new)?.state == .expired)
        }
    }

    @Test("time goes on as it really passes", arguments: [
        // Uptime, the wall clock, what counts; all in seconds, the term is 100.
        ([(10, 10, 10), (20, 25, 25)], "a clock that is put right a little"),
        ([(10, 200, 10), (50, 240, 50), (109, 299, 109), (110, 300, 300)], "set forward, for one term"),
        ([(10, 200, 10), (20, 22, 22), (30, 32, 32)], "set forward and back again"),
        ([(10, -200, -200), (20, -190, -190)], "set back"),
    ] as [([(Int64, Int64, Int64)], String)])
    func times(_ looks: [(uptime: Int64, wall: Int64, counts: Int64)], _ what: String) {
        let moment = { (seconds: Int64) in Timestamp(milliseconds: seconds * 1000) }
        var time = ExpiryTime(term: .seconds(100), wall: moment(0), uptime: .zero)
        for look in looks {
            #expect(time.now(wall: moment(look.wall), uptime: .seconds(look.uptime)) == moment(look.counts), "\(what)")
        }
    }
}
