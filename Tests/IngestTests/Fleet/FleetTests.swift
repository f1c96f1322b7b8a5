import Core
import Database
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

@Suite("On a fleet", .enabled("PostgreSQL or moto is missing") { await FleetServers.areInstalled })
struct FleetTests {
    @Test("the requests of an upload alternate between nodes", arguments: FleetStorage.allCases)
    func alternating(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let bytes = quickBytes(11_000_000, seed: 1)
            let id = try await first.create(house.creation(11_000_000))
            let ends = [1, 300_000, 2_000_003, 6_500_000, 11_000_000]
            var start = 0
            for (number, end) in ends.enumerated() {
                let node = number.isMultiple(of: 2) ? second : first
                let upload = try await node.patch(
                    id, at: Int64(start), chunked(bytes[start..<end]), contentLength: Int64(end - start))
                #expect(upload.offset == Int64(end))
                let other = number.isMultiple(of: 2) ? first : second
                #expect(try await other.service.find(id)?.offset == Int64(end))
                start = end
            }
            await first.settled()
            await second.settled()
            try await house.expectPhoto(id, of: bytes)
            if let parts = house.parts { #expect(parts.reads.withLockedValue { $0 } >= 1) }
        }
    }

    @Test("a node that receives an upload alone hashes it while it passes")
    func passingHash() async throws {
        try await withNodes(.parts) { house, first, _ in
            let parts = try #require(house.parts)
            let bytes = quickBytes(6_000_000, seed: 2)
            let id = try await first.create(house.creation(6_000_000))
            _ = try await first.patch(id, at: 0, chunked(bytes[..<700_000]), contentLength: 700_000)
            #expect(try await first.service.status(id).offset == 700_000)
            _ = try await first.patch(id, at: 700_000, chunked(bytes[700_000...]), contentLength: 5_300_000)
            await first.settled()
            #expect(parts.reads.withLockedValue { $0 } == 0)
            try await house.expectPhoto(id, of: bytes)
        }
    }

    @Test("a file in one request, one whose length comes last and an empty one become photos", arguments: FleetStorage.allCases)
    func shortcuts(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let put = try await first.service.put(
                house.creation(nil).declaration, from: .anonymous, expecting: nil, body([[1, 2], [3]]))
            #expect(put.state == .completing)
            let late = try await first.create(house.creation(nil))
            _ = try await second.patch(late, at: 0, body([[1, 2, 3, 4]]), contentLength: 4)
            #expect(try await first.patch(late, at: 4, body([]), contentLength: 0, length: 4).state == .completing)
            _ = try await second.create(house.creation(0))
            await first.settled()
            await second.settled()
            #expect(Set(try await house.photos()) == [hex([1, 2, 3]), hex([1, 2, 3, 4]), hex([])])
        }
    }

    @Test("a node dies in the middle, and another goes on from what was confirmed", arguments: FleetStorage.allCases)
    func death(_ storage: FleetStorage) async throws {
        try await withFleet(storage) { house in
            let line = FailingDatabase(house.database)
            // The dead node is on a machine of its own.
            let (dead, alive) = (try house.start(database: line, boot: "boot-2"), try house.start())
            let bytes = quickBytes(17_000_000, seed: 3)
            let id = try await dead.create(house.creation(17_000_000))
            _ = try await dead.patch(id, at: 0, chunked(bytes[..<500_000]), contentLength: 500_000)
            let (stream, feed) = ByteStream.makeStream()
            let older = Task { try await dead.patch(id, at: 500_000, .init(body: stream), contentLength: 16_500_000) }
            for start in stride(from: 500_000, to: 16_000_000, by: 100_000) {
                feed.yield(ByteBuffer(bytes: bytes[start..<start + 100_000]))
            }
            if storage == .parts {
                // A part of it is safe before the request ends.
                try await eventually("a part") { try await alive.service.find(id)?.offset ?? 0 >= 5 << 20 ? () : nil }
            }
            line.failWrites(true)
            // Its files are closed with it.
            feed.finish(throwing: Crash())
            _ = await older.result
            let offset = try await alive.service.status(id).offset
            #expect(storage == .parts ? offset == 5 << 20 : offset >= 500_000)
            let rest = bytes[Int(offset)...]
            _ = try await alive.patch(id, at: offset, chunked(rest), contentLength: Int64(rest.count))
            await alive.settled()
            try await house.expectPhoto(id, of: bytes)
            await alive.shutdown()
            await dead.shutdown()
        }
    }

    @Test("a newer request on another node takes over", arguments: FleetStorage.allCases, [true, false])
    func takeover(_ storage: FleetStorage, hasNudges: Bool) async throws {
        try await withNodes(storage) { house, first, second in
            let bytes = quickBytes(1_000_000, seed: 4)
            // Without a nudge the older node finds out by itself; with one it need not look.
            if !hasNudges { house.nudges.lose() }
            let watching = Task { if !hasNudges { await first.service.fleet?.watch() } }
            let id = try await first.create(house.creation(1_000_000))
            _ = try await first.patch(id, at: 0, chunked(bytes[..<300_000]), contentLength: 300_000)
            let (stream, feed) = ByteStream.makeStream()
            let older = Task { try await first.patch(id, at: 300_000, .init(body: stream), contentLength: 700_000) }
            feed.yield(ByteBuffer(bytes: bytes[300_000..<400_000]))

            try await eventually("the transfer") { first.service.fleet?.isHolding(id) == true ? () : nil }
            let start = ContinuousClock.now
            let offset = try await second.service.status(id).offset
            #expect(offset >= 300_000 && offset <= 400_000)
            #expect(await problem { try await ending(of: older, feed) } == TusMachine.locked)
            #expect(start.duration(to: .now) < .seconds(hasNudges ? 2 : 3))
            watching.cancel()
            let rest = bytes[Int(offset)...]
            _ = try await second.patch(id, at: offset, chunked(rest), contentLength: Int64(rest.count))
            await second.settled()
            try await house.expectPhoto(id, of: bytes)
        }
    }

    @Test("who lost an upload records nothing", arguments: FleetStorage.allCases)
    func lostGeneration(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            house.nudges.lose()
            let id = try await first.create(house.creation(4))
            let (stream, feed) = ByteStream.makeStream()
            let older = Task { try await first.patch(id, at: 0, .init(body: stream), contentLength: 4) }
            feed.yield(ByteBuffer(bytes: [9]))
            try await eventually("the transfer") { first.service.fleet?.isHolding(id) == true ? () : nil }
            _ = try await second.service.ledger.seize(id)
            feed.yield(ByteBuffer(bytes: [9, 9, 9]))
            feed.finish()
            #expect(await problem { try await older.value } == TusMachine.locked)
            let row = try #require(try await second.service.find(id))
            #expect(row.offset == 0 && row.state == .receiving && row.parts.isEmpty)
        }
    }

    @Test("an upload ended on another node ends its transfer and leaves nothing", arguments: FleetStorage.allCases)
    func termination(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let id = try await first.create(house.creation(1_000_000))
            _ = try await first.patch(id, at: 0, chunked(quickBytes(300_000, seed: 5)[...]), contentLength: 300_000)
            #expect(try await house.remains(of: id) > 0)
            let (stream, feed) = ByteStream.makeStream()
            let older = Task { try await first.patch(id, at: 300_000, .init(body: stream), contentLength: 700_000) }
            feed.yield(ByteBuffer(repeating: 1, count: 1000))
            try await eventually("the transfer") { first.service.fleet?.isHolding(id) == true ? () : nil }
            try await second.service.terminate(id)
            #expect(await problem { try await ending(of: older, feed) } == TusMachine.locked)
            await second.settled()
            #expect(try await house.remains(of: id) == 0)
            #expect(await problem { try await first.service.status(id) }?.status == 410)
        }
    }

    @Test("an upload that rested too long is removed by one of the sweeps", arguments: FleetStorage.allCases)
    func expiry(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let id = try await first.create(house.creation(10))
            _ = try await first.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            #expect(try await house.remains(of: id) > 0)
            house.clock.advance(.seconds(25 * 3600))
            async let other: Void = first.worker.sweeper.sweep()
            try await second.worker.sweeper.sweep()
            try await other
            await first.settled()
            await second.settled()
            #expect(try await first.service.find(id)?.state == .expired)
            #expect(try await first.service.find(id)?.cleanup == .nothing)
            #expect(try await house.remains(of: id) == 0)
            house.clock.advance(.seconds(8 * 24 * 3600))
            try await second.worker.sweeper.sweep()
            #expect(try await first.service.find(id) == nil)
        }
    }

    @Test("the bytes of a slow client are safe before their part is full")
    func slowClient() async throws {
        try await withNodes(.parts) { house, first, second in
            let id = try await first.create(house.creation(10))
            let (upload, open) = try await first.service.take(id)
            let start = ContinuousClock.now
            var sink = try await #require(open).sink(
                for: upload,
                SinkPorts(record: { try await first.service.ledger.checkpoint($0, of: upload) }, arrived: { _ in }))
            try await sink.append(ByteBuffer(bytes: [1, 2]), now: start)
            #expect(try await second.service.find(id)?.offset == 0)
            try await sink.append(ByteBuffer(bytes: [3]), now: start + .seconds(6))
            #expect(try await second.service.find(id)?.offset == 3)
            try await sink.append(ByteBuffer(bytes: [4]), now: start + .seconds(7))
            #expect(try await sink.conclude().mark.offset == 4)
        }
    }

    /// What a request came to that should end though its body does not.
    private func ending(of request: Task<Upload, any Error>, _ feed: ByteStream.Continuation) async throws -> Upload {
        try await within(.seconds(4)) {
            try await withTaskCancellationHandler { try await request.value } onCancel: { feed.finish() }
        }
    }
}
