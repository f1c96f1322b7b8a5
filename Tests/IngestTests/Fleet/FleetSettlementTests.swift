import Core
import Foundation
import NIOCore
import ObjectStore
import TestSupport
import Testing

@testable import Ingest

@Suite("Settlement on a fleet", .enabled("PostgreSQL or moto is missing") { await FleetServers.areInstalled })
struct FleetSettlementTests {
    @Test("is one node's at a time, and another's when that one is heard of no more")
    func lease() async throws {
        let gate = Inbox<Void>()
        try await withFleet(.folder, gate: gate) { house in
            let objects = try #require(house.objects as? WatchedObjects<DiskObjectStore>)
            let (first, second) = (try house.start(), try house.start())
            let id = try await first.create(house.creation(3))
            _ = try await first.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
            try await objects.adoptions.wait(for: "the first node") { elements, _ in elements.isEmpty ? nil : () }
            try await second.worker.sweeper.sweep()
            await second.worker.queue.enqueue(id)
            await second.settled()
            #expect(objects.adoptions.elements.count == 1)
            #expect(try await second.service.find(id)?.state == .completing)
            // The first node does not get to renewing it.
            try await second.worker.sweeper.relieve()
            house.clock.advance(LeaseWatch.patience - .milliseconds(1))
            try await second.worker.sweeper.relieve()
            await second.settled()
            #expect(objects.adoptions.elements.count == 1)
            house.clock.advance(.milliseconds(1))
            try await second.worker.sweeper.relieve()
            await second.settled()
            #expect(objects.adoptions.elements.count == 2)
            gate.close()
            await first.settled()
            try await house.expectPhoto(id, of: [1, 2, 3])
            await first.shutdown()
            await second.shutdown()
        }
    }

    @Test("brings back an original that the store has lost", arguments: FleetStorage.allCases, [0, 1000, 11_000_000])
    func lostOriginal(_ storage: FleetStorage, _ size: Int) async throws {
        try await withNodes(storage) { house, first, second in
            let bytes = quickBytes(size, seed: 9)
            var ids: [UploadID] = []
            for node in [first, second] {
                let id = try await node.create(house.creation(Int64(size)))
                if size > 0 { _ = try await node.patch(id, at: 0, chunked(bytes[...]), contentLength: Int64(size)) }
                await node.settled()
                if ids.isEmpty { try await house.objects.remove(.original(OriginalID(id))) }
                ids.append(id)
            }
            try await house.expectPhoto(ids[0], of: bytes)
            let again = try #require(try await second.service.find(ids[1]))
            #expect(again.state == .completed && again.photoID == PhotoID(ids[0]) && again.cleanup == .nothing)
            #expect(try await house.objects.size(of: again.objectKey) == nil)
            #expect(try await house.remains(of: ids[1]) == 0)
        }
    }

    @Test("takes no effect without the lease")
    func lostLease() async throws {
        try await withNodes(.folder) { house, first, second in
            let store = UploadStore(database: house.database)
            let id = try await first.create(house.creation(5))
            let now = house.clock.now()
            let (early, late) = (LeaseMark(settler: "a", renewedAt: now), LeaseMark(settler: "a", renewedAt: now + .seconds(2)))
            #expect(try await store.lease(id, to: "a", at: early.renewedAt))
            #expect(try await store.lease(id, to: "a", at: late.renewedAt))
            // However late it is by the other's clock.
            #expect(try await !store.lease(id, to: "b", at: now + .seconds(3600)))
            #expect(try await !store.lease(id, to: "b", from: early, at: now))
            #expect(try await store.lease(id, to: "b", from: late, at: now))
            try await store.release(id, by: "a")
            #expect(try await !store.lease(id, to: "a", from: late, at: now))
            #expect(try await !store.fail(id, from: .receiving, because: "bytes_lost", by: "a", at: now))
            #expect(try await store.fail(id, from: .receiving, because: "bytes_lost", by: "b", at: now))
        }
    }

    @Test("that died after the object was made is repeated by another node", arguments: FleetStorage.allCases)
    func crash(_ storage: FleetStorage) async throws {
        try await withFleet(storage) { house in
            let (first, second) = (try house.start(plan: CrashPlan(.inHandler)), try house.start())
            let bytes = quickBytes(5_500_000, seed: 6)
            let id = try await first.create(house.creation(5_500_000))
            _ = try await first.patch(id, at: 0, chunked(bytes[..<5_400_000]), contentLength: 5_400_000)
            _ = try await first.patch(id, at: 5_400_000, chunked(bytes[5_400_000...]), contentLength: 100_000)
            await first.settled()
            #expect(try await first.service.find(id)?.state == .completing)
            #expect(try await house.objects.size(of: .original(OriginalID(id))) == 5_500_000)
            try await second.worker.sweeper.sweep()
            await second.settled()
            try await house.expectPhoto(id, of: bytes)
            await first.shutdown()
            await second.shutdown()
        }
    }

    @Test("begins though nobody recorded that the last byte had come", arguments: FleetStorage.allCases)
    func unsaid(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            let id = try await first.create(house.creation(3))
            let (upload, open) = try await first.service.take(id)
            var sink = try await #require(open).sink(
                for: upload,
                SinkPorts(record: { try await first.service.ledger.checkpoint($0, of: upload) }, arrived: { _ in }))
            try await sink.append(ByteBuffer(bytes: [1, 2, 3]), now: .now)
            let mark = try await sink.conclude().mark
            #expect(try await first.service.ledger.checkpoint(mark, of: upload))
            try await second.worker.sweeper.sweep()
            #expect(try await second.service.find(id)?.state == .receiving)
            house.clock.advance(UploadSweeper.patience + .seconds(1))
            try await second.worker.sweeper.sweep()
            await second.settled()
            try await house.expectPhoto(id, of: [1, 2, 3])
            #expect(await problem { try await first.service.confirm(mark, of: upload) } == TusMachine.locked)
        }
    }

    @Test("of the same bytes twice keeps one copy", arguments: FleetStorage.allCases)
    func duplicate(_ storage: FleetStorage) async throws {
        try await withNodes(storage) { house, first, second in
            var ids: [UploadID] = []
            for node in [first, second] {
                let id = try await node.create(house.creation(3))
                _ = try await node.patch(id, at: 0, body([[1, 2, 3]]), contentLength: 3)
                await node.settled()
                ids.append(id)
            }
            try await house.expectPhoto(ids[0], of: [1, 2, 3])
            #expect(try await first.service.find(ids[1])?.photoID == PhotoID(ids[0]))
            #expect(try await house.objects.size(of: .original(OriginalID(ids[1]))) == nil)
        }
    }
}
